"""The training configuration: typed, closed-world, and wrong in all its places at once."""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from vision.errors import ConfigurationError

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Closed(BaseModel):
    """Settings that refuse any they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Settings = TypeVar("Settings", bound=Closed)


class DataConfig(Closed):
    """Which marks are learned from, and how a batch is composed of them."""

    procedural_brands: Count  # fictional brands drawn from seeds
    procedural_first_seed: Count = 1_000_000
    artwork: tuple[str, ...] = ()  # folders of artwork; `${NAME}` is taken from the environment
    artwork_limit: Positive | None = None  # per folder; None takes all
    held_out: tuple[str, ...] = ()  # brands left out of `artwork`, besides those of the public benchmarks
    forgeries_per_mark: Count = 2
    atlas_px: Annotated[int, Field(ge=32, le=512)] = 128
    validation_brands: Positive = 200
    brands_per_batch: Annotated[int, Field(ge=2)] = 64
    views_per_brand: Annotated[int, Field(ge=2)] = 4
    forged_share: Share = 0.25  # of a brand's views that show a forgery
    workers: Count = 2  # processes that photograph ahead; 0 works in the training process
    cache: str = "runs/atlas"


class AugmentConfig(Closed):
    """Envelope of the batch camera."""

    tilt_deg: Annotated[float, Field(ge=0, le=75)] = 50.0  # largest yaw or pitch
    roll_deg: Annotated[float, Field(ge=0, le=180)] = 25.0
    fill: tuple[float, float] = (0.3, 1.15)  # longer side of the mark, as a share of the frame
    stretch: Annotated[float, Field(ge=0, le=1)] = 0.35  # log of the largest squash of the frame's aspect
    finish_share: Share = 0.2  # marks cast in one metal or printed in one colour
    clean_share: Share = 0.5  # studio views on plain ground, of the marks that are on no product
    occluded_share: Share = 0.12
    jpeg_share: Share = 0.3


class ModelConfig(Closed):
    """A small CLIP built by open_clip."""

    vision: str = "resnet10t"  # a timm architecture
    input_px: Annotated[int, Field(ge=32, le=512)] = 128
    dim: Annotated[int, Field(ge=16, le=2048)] = 256
    text_width: Annotated[int, Field(ge=16, multiple_of=16)] = 128
    text_layers: Positive = 2
    text_heads: Positive = 4
    context_tokens: Annotated[int, Field(ge=4, le=77)] = 16


class LossConfig(Closed):
    """Weights of the objectives; 0 leaves one out."""

    brand_weight: Weight = 1.0  # supervised contrastive over brands
    forged_weight: Weight = 0.3  # a forgery's own pull towards the brand it imitates
    margin_weight: Weight = 0.3  # genuine pairs closer than a genuine and a forged view, by `margin`
    margin: Annotated[float, Field(ge=0, le=1)] = 0.05  # cosine
    caption_weight: Weight = 0.2  # CLIP contrastive against captions
    temperature: Annotated[float, Field(gt=0, le=1)] = 0.07


class Stage(Closed):
    """A first part of the schedule that sees smaller photographs, with larger marks in them."""

    input_px: Annotated[int, Field(ge=32, le=512)]
    until_share: Share  # of all steps
    least_fill: Share = 0.0  # marks at least this share of the frame, where `augment.fill` allows smaller ones


class ScheduleConfig(Closed):
    """How long and how fast. One step is one batch."""

    steps: Positive
    warmup_steps: Count = 100
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.998
    stages: tuple[Stage, ...] = ()  # smaller inputs first, for speed; after the last, `model.input_px`
    validate_every_steps: Positive = 250
    checkpoint_every_steps: Positive = 100
    precision: Literal["fp32", "bf16"] = "bf16"
    threads: Positive = 2


class TrainConfig(Closed):
    """One training run, whole."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    seed: Count = 0
    runs: str = "runs"  # folder that gets the run folder
    data: DataConfig
    augment: AugmentConfig = AugmentConfig()
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    schedule: ScheduleConfig

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.schedule.warmup_steps > self.schedule.steps:
            raise ValueError(f"schedule.warmup_steps exceeds schedule.steps ({self.schedule.steps})")
        if self.model.text_width % self.model.text_heads:
            raise ValueError("model.text_width must be a multiple of model.text_heads")
        if not self.data.procedural_brands and not self.data.artwork:
            raise ValueError("data needs procedural_brands or artwork to learn from")
        return self

    def digest(self) -> str:
        """Sixteen hex digits over everything that shapes the result."""
        text = self.model_dump_json(exclude={"runs": True, "data": {"cache", "workers"}})
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(path: Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read an embedder's YAML configuration with `key.sub=value` overrides; see `load_as`."""
    return load_as(TrainConfig, path, overrides)


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


def validate(values: dict[str, Any], source: str) -> TrainConfig:
    """The embedder's configuration that these plain values spell, or all their mistakes at once."""
    return validate_as(TrainConfig, values, source)


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


def _describe(kind: type[BaseModel], error: ErrorDetails) -> str:
    place = [str(part) for part in error["loc"]]
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"no such setting; choose from {', '.join(_settings_at(kind, place[:-1]))}"
    elif error["type"] != "missing" and place:
        message += f" (got {error['input']!r})"
    return f"- {'.'.join(place) or 'config'}: {message}"


def _settings_at(kind: type[BaseModel], place: Sequence[str]) -> list[str]:
    model = kind
    for part in place:
        inner = model.model_fields[part].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        model = inner
    return list(model.model_fields)
