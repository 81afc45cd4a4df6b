"""The comparator's configuration: typed and closed."""

from typing import Annotated

from pydantic import Field

from training.config import Closed, Count, Positive, Precision, Share, Weight


class PairsConfig(Closed):
    """Which pairs are learned from."""

    cache: str = "runs/pairs"  # folder that `training.pair_set` wrote
    held_out_every: Annotated[int, Field(ge=2)] = 10  # one brand in so many judges and is not learned from
    batch: Positive = 48


class NetworkConfig(Closed):
    """Channels: of each side at half and quarter resolution, of both laid together at half, and in the head."""

    fine_channels: Positive = 16
    coarse_channels: Positive = 32
    edge_channels: Positive = 16
    head_channels: Positive = 48


class AugmentConfig(Closed):
    """How a batch is disturbed. Shares are of pairs; px of the crop."""

    turn_deg: Annotated[float, Field(ge=0, le=45)] = 10.0
    zoom: Annotated[float, Field(ge=0, le=0.5)] = 0.12  # log of the largest change of scale
    misplaced_px: Annotated[float, Field(ge=0, le=4)] = 0.15  # deviation of the listing's extra shift
    warmth: Annotated[float, Field(ge=0, le=1)] = 0.25  # deviation of the light along the line of daylight, log units
    tint: Annotated[float, Field(ge=0, le=0.3)] = 0.03  # the same across it
    exposure: Annotated[float, Field(ge=0, le=1)] = 0.2
    noise: Annotated[float, Field(ge=0, le=0.2)] = 0.02
    blurred_share: Share = 0.2
    jpeg_share: Share = 0.1
    coarse_share: Share = 0.25  # listings seen from afar: fewer pixels than the crop has, and filed so
    covered_share: Share = 0.35  # listings with fingers, letters or other things over them (`cover`)
    reground_share: Share = 0.25  # listings whose ground is taken from another's
    outline_share: Share = 0.3  # pairs told only the mark's outline, as with few references
    listing_as_reference_share: Share = 0.15
    exchanged_share: Share = 0.1  # pairs whose two sides change places


class ObjectiveConfig(Closed):
    """Weights of what is asked of the network."""

    map_weight: Weight = 1.0
    fault_weight: Weight = 0.4  # of naming what is wrong with a forgery
    altered_weight: Weight = 3.0  # of altered cells against others
    smoothing: Annotated[float, Field(ge=0, lt=0.5)] = 0.02
    aspect_weight: Weight = 0.3  # of pairs whose aspect is off: what registration takes out can hardly be seen


class ScheduleConfig(Closed):
    """How long and how fast. One step is one batch."""

    steps: Positive
    minutes: Annotated[float, Field(gt=0)] | None = None  # ends the run before its last step
    warmup_steps: Count = 100
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.03
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.99
    judge_every_steps: Positive = 250
    judged_brands: Positive = 60  # at each of these; all held-out brands at the end
    precision: Precision = "auto"
    threads: Positive = 1  # a second one prepares the batches


class ComparatorConfig(Closed):
    """One run, whole."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    seed: Count = 0
    runs: str = "runs"
    start: str | None = None  # to go on from: weights of an earlier run of the same network, or a bundle's ONNX file
    pairs: PairsConfig = PairsConfig()
    network: NetworkConfig = NetworkConfig()
    augment: AugmentConfig = AugmentConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    schedule: ScheduleConfig
