"""Settings of the schedule: how long and how fast."""

from typing import Annotated, Literal

from pydantic import Field

from training.config.reading import Closed, Count, Positive, Share, SidePx


class Stage(Closed):
    """A first part of the schedule that sees smaller photographs, with larger marks in them."""

    input_px: SidePx
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
    device: Literal["auto", "cpu", "cuda"] = "auto"
    parts_per_step: Positive = 1  # batches that a step learns from together: shared by processes, else one by one
