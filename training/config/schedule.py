"""Settings of the schedule: how long and how fast."""

from typing import Annotated, Literal

from pydantic import Field

from training.config.reading import Closed, Count, Positive, Precision, Share, SidePx


class Stage(Closed):
    """A first part of the schedule that sees smaller photographs, with larger marks in them."""

    input_px: SidePx
    until_share: Share  # of all steps
    least_fill: Share = 0.0  # marks at least this share of the frame, where `augment.fill` allows smaller ones


class StopConfig(Closed):
    """An end before the last step, where retrieval on held-out brands no longer gains; the best weights are kept."""

    metric: Literal["recall_at_1", "recall_at_5", "forged_recall_at_5", "separation"] = "recall_at_1"
    patience_validations: Positive = 5  # without a gain
    least_gain: Share = 0.0  # that counts as one


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
    precision: Precision = "auto"
    threads: Positive = 2
    device: Literal["auto", "cpu", "cuda"] = "auto"
    checkpointed_towers: bool = False  # less memory for more time: what a tower computed is computed again backwards
    stop: StopConfig | None = None
    parts_per_step: Positive = 1  # batches that a step learns from together: shared by processes, else one by one
