"""What the framework cannot tell of a route by itself, for the OpenAPI document."""

from typing import Any

from serve.schemas.wire import Problem

PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "A problem (RFC 9457); docs/api.md lists the codes."}
}


def form_schema(files_field: str, texts: tuple[str, ...] = (), most: int | None = None) -> dict[str, Any]:
    """The OpenAPI description of a form, which the framework cannot infer since it does not read it."""
    photos: dict[str, Any] = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
    if most is not None:
        photos["maxItems"] = most
    properties = {files_field: photos, **{name: {"type": "string"} for name in texts}}
    schema = {"type": "object", "required": [files_field], "properties": properties, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
