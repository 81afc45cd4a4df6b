"""The detector's configuration: typed and closed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from training.config import Closed, Count, Positive, Precision, Share, Weight


class ScenesConfig(Closed):
    """Which scenes are learned from."""

    cache: str = "runs/scenes"  # folder that `training.detector.scene_set` wrote
    held_out_every: Annotated[int, Field(ge=2)] = 16  # one chunk in so many judges and is not learned from
    batch: Positive = 16
    crop_px: Annotated[int, Field(ge=64, le=640, multiple_of=32)] = 288


class NetworkConfig(Closed):
    """Channels and blocks from the stem at half resolution to stride 32, and of the head."""

    stem_channels: Positive = 16
    channels: tuple[Positive, Positive, Positive, Positive] = (32, 64, 128, 192)  # at strides 4, 8, 16, 32
    blocks: tuple[Positive, Positive, Positive, Positive] = (1, 3, 4, 3)
    head_channels: Positive = 80


class AugmentConfig(Closed):
    """How a crop is disturbed."""

    zoom: tuple[float, float] = (0.45, 2.0)  # of the scene; below and above, marks are smaller and larger
    sized_share: Share = 0.4  # crops zoomed so that a mark has a side of
    sized_px: tuple[float, float] = (24.0, 280.0)  # px, drawn evenly by its logarithm
    most_zoom: Annotated[float, Field(gt=0)] = 4.0  # even so
    on_mark_share: Share = 0.75  # crops placed to hold a mark
    flip_share: Share = 0.5
    gain: Annotated[float, Field(ge=0, le=1)] = 0.25  # log of the largest change of a channel
    grey_share: Share = 0.07
    noise: Annotated[float, Field(ge=0, le=0.2)] = 0.02

    @model_validator(mode="after")
    def _spans_are_spans(self) -> Self:
        for name, (least, most) in {"zoom": self.zoom, "sized_px": self.sized_px}.items():
            if not 0 < least <= most:
                raise ValueError(f"{name} must be a span above 0")
        return self


class ObjectiveConfig(Closed):
    """What is asked of the network, and of which marks."""

    box_weight: Weight = 2.0  # of a box's overlap against its score
    least_visible: Share = 0.3  # marks seen less than this are neither asked for nor held against it
    least_side_px: Annotated[float, Field(ge=0)] = 8.0  # of the crop; so are smaller ones


class ScheduleConfig(Closed):
    """How long and how fast. One step is one batch."""

    steps: Positive
    minutes: Annotated[float, Field(gt=0)] | None = None  # of CPU time; ends the run before its last step
    warmup_steps: Count = 100
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.03
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.998
    judge_every_steps: Positive = 500
    judged_scenes: Positive = 200
    precision: Precision = "auto"
    threads: Positive = 1


class DetectorConfig(Closed):
    """One run, whole."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    seed: Count = 0
    runs: str = "runs"
    scenes: ScenesConfig = ScenesConfig()
    network: NetworkConfig = NetworkConfig()
    augment: AugmentConfig = AugmentConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    schedule: ScheduleConfig
