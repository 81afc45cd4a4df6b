"""Settings of the data: which marks are learned from, and how they are photographed."""

from typing import Annotated

from pydantic import Field

from training.config.reading import Closed, Count, Positive, Share


class DataConfig(Closed):
    """Which marks are learned from, and how a batch is composed of them."""

    procedural_brands: Count = 0  # fictional brands drawn from seeds
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
