"""Reading a configuration: typed, closed-world, and wrong in all its places at once."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from vision.errors import ConfigurationError

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Channels = tuple[float, float, float]  # of RGB
Precision = Literal["auto", "fp32", "bf16"]  # auto: bf16 where the device has instructions for it, else fp32
SidePx = Annotated[int, Field(ge=32, le=512)]

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Closed(BaseModel):
    """Settings that refuse any they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Settings = TypeVar("Settings", bound=Closed)


def load_as(kind: type[Settings], path: Path, overrides: Sequence[str] = ()) -> Settings:
    """Read a YAML configuration of some kind with `key.sub=value` overrides.

    Errors: `ConfigurationError` with a line for each mistake, each naming what is accepted there.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise ConfigurationError(f"{path} cannot be read as YAML: {fault}") from fault
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path} holds no mapping of settings; start from configs/train/mini.yaml")
    for override in overrides:
        _override(values, override)
    return validate_as(kind, values, str(path))


def validate_as(kind: type[Settings], values: dict[str, Any], source: str) -> Settings:
    """The configuration that these plain values spell, or all their mistakes at once."""
    try:
        return kind.model_validate(values)
    except ValidationError as fault:
        lines = [_describe(kind, error) for error in fault.errors()]
        raise ConfigurationError(f"{source} has {len(lines)} mistake(s):\n" + "\n".join(lines)) from fault


def expand(path: str) -> Path:
    """A path with its `${NAME}` parts taken from the environment."""
    missing = [name for name in _VARIABLE.findall(path) if name not in os.environ]
    if missing:
        raise ConfigurationError(f"{path} needs the environment variable {missing[0]}; set it to the folder it names")
    return Path(_VARIABLE.sub(lambda match: os.environ[match[1]], path))


def _override(values: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigurationError(f"override {override!r} is not of the form key.sub=value")
    *parents, last = key.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigurationError(f"override {key}: {parent} holds a value, not settings of its own")
    values[last] = yaml.safe_load(text)


# --- telling what is wrong ----------------------------------------------------------------------


def _describe(kind: type[BaseModel], error: ErrorDetails) -> str:
    place = [str(part) for part in error["loc"]]
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"no such setting; choose from {', '.join(_settings_at(kind, place[:-1]))}"
    elif error["type"] not in ("missing", "value_error") and place:
        message += f" (got {error['input']!r})"
    return f"- {'.'.join(place) or 'config'}: {message}"


def _settings_at(kind: type[BaseModel], place: Sequence[str]) -> list[str]:
    """Names of the settings accepted at a place; positions in a list are passed over."""
    model = kind
    for part in place:
        if part in model.model_fields:
            model = next(models_within(model.model_fields[part].annotation), model)
    return list(model.model_fields)


def models_within(annotation: object) -> Iterator[type[BaseModel]]:
    """The kinds of settings within `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_within(inner)
