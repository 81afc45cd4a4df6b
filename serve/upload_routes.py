"""Uploads of reference photos over HTTP."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from starlette.requests import Request

from index.metadata import FIELDS
from index.metadata_table import MAX_BYTES
from serve import enrolling
from serve.doors import OwnBrand
from serve.form import FormLimits
from serve.routes import PROBLEM, form_schema
from serve.schemas import UploadResponse
from serve.service import Running
from serve.settings import Limits
from serve.uploads import read_form

# Sent with an upload by whoever may have to send it again; kept for a week.
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]

router = APIRouter(responses=PROBLEM, tags=["references"])


def upload_schema() -> dict[str, Any]:
    """The OpenAPI description of what an upload may be."""
    described = form_schema("files", FIELDS)
    form = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    form["properties"][enrolling.TABLE] = {"type": "string", "format": "binary"}
    return described


def form_limits(limits: Limits) -> FormLimits:
    """What an upload as a form may hold."""
    return FormLimits(
        files_field="files",
        text_fields=FIELDS,
        max_files=limits.reference_files,
        max_file_bytes=limits.file_bytes,
        max_body_bytes=limits.upload_bytes,
        max_field_bytes=limits.field_bytes,
        timeout_s=limits.body_timeout_s,
        document_fields=(enrolling.TABLE,),
        max_document_bytes=MAX_BYTES,
    )


@router.post(
    "/v1/brands/{brand}/references", status_code=202, response_model=UploadResponse, openapi_extra=upload_schema()
)
async def create_references(
    request: Request, running: Running, brand: OwnBrand, idempotency_key: IdempotencyKey = None
) -> Response:
    """Add reference photos. 202: they are durable, and searchable soon."""
    with running.uploads.slot():
        form = await read_form(request, form_limits(running.settings.limits))
        answer = await running.uploads.run(partial(enrolling.enrol, brand, form, idempotency_key, running))
    return Response(answer, status_code=202, media_type="application/json")
