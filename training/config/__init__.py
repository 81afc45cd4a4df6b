"""The training configuration: one file a part of it, read as a whole."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from training.config.data import AugmentConfig, DataConfig
from training.config.model import ModelConfig
from training.config.objectives import OF_BRANDS, ObjectivesConfig
from training.config.reading import Closed, Count, Positive, Precision, Share, Weight, expand, load_as, validate_as
from training.config.schedule import ScheduleConfig, Stage

__all__ = [
    "AugmentConfig", "Closed", "Count", "DataConfig", "ModelConfig", "ObjectivesConfig", "Positive", "Precision",
    "ScheduleConfig", "Share", "Stage", "TrainConfig", "Weight", "expand", "load", "load_as", "validate", "validate_as",
]  # fmt: skip


class TrainConfig(Closed):
    """One training run, whole."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    seed: Count = 0
    runs: str = "runs"  # folder that gets the run folder
    tensorboard: bool = False  # its events in the run folder, beside the CSV tables
    data: DataConfig
    augment: AugmentConfig = AugmentConfig()
    model: ModelConfig = ModelConfig()
    objectives: ObjectivesConfig = OF_BRANDS
    schedule: ScheduleConfig

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.schedule.warmup_steps > self.schedule.steps:
            raise ValueError(f"schedule.warmup_steps exceeds schedule.steps ({self.schedule.steps})")
        if self.model.text_width % self.model.text_heads:
            raise ValueError("model.text_width must be a multiple of model.text_heads")
        if self.objectives.distil is not None and not self.data.draws:
            raise ValueError("objectives.distil shows its teachers drawn marks; give data.procedural_brands or artwork")
        return self

    def digest(self) -> str:
        """Sixteen hex digits over everything that shapes the result.

        Only what differs from the defaults counts, so that a setting added later leaves recorded digests true.
        """
        text = self.model_dump_json(
            exclude_defaults=True, exclude={"runs": True, "tensorboard": True, "data": {"cache", "workers"}}
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(path: Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read an embedder's YAML configuration with `key.sub=value` overrides; see `load_as`."""
    return load_as(TrainConfig, path, overrides)


def validate(values: dict[str, Any], source: str) -> TrainConfig:
    """The embedder's configuration that these plain values spell, or all their mistakes at once."""
    return validate_as(TrainConfig, values, source)
