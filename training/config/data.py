"""Settings of the data: which marks are learned from, and how they are photographed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from training.config.reading import Closed, Count, Positive, Share


class RetouchConfig(Closed):
    """How photographs from manifests and shards are varied. Never mirrored: a mirrored mark is a forged one."""

    least_area: Annotated[float, Field(gt=0, le=1)] = 0.6  # of the photograph, that a crop keeps
    tilt: Annotated[float, Field(ge=0, le=1)] = 0.25  # strength of the change of perspective
    roll_deg: Annotated[float, Field(ge=0, le=180)] = 12.0
    light: Annotated[float, Field(ge=0, le=1)] = 0.35  # of brightness and contrast
    tint: Annotated[float, Field(ge=0, le=0.5)] = 0.03  # of hue; more would make another mark of it
    blurred_share: Share = 0.2
    jpeg_share: Share = 0.3
    occluded_share: Share = 0.12


class PhotosConfig(Closed):
    """Photographs of real goods, beside or in place of drawn marks. Paths may hold `${NAME}` from the environment."""

    manifest: str | None = None  # CSV or Parquet: path, brand, label, and if known product, caption, split
    shards: tuple[str, ...] = ()  # WebDataset tar files, as `goods-{000..031}.tar`
    share: Share = 0.5  # of a batch's brands, where marks are drawn too
    retouch: RetouchConfig = RetouchConfig()

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.manifest is None and not self.shards:
            raise ValueError("name a manifest or shards")
        return self


class DataConfig(Closed):
    """Which marks are learned from, and how a batch is composed of them."""

    procedural_brands: Count = 0  # fictional brands drawn from seeds
    procedural_first_seed: Count = 1_000_000
    artwork: tuple[str, ...] = ()  # folders of artwork; `${NAME}` is taken from the environment
    artwork_limit: Positive | None = None  # per folder; None takes all
    held_out: tuple[str, ...] = ()  # brands left out of `artwork`, besides those of the public benchmarks
    forgeries_per_mark: Count = 2
    atlas_px: Annotated[int, Field(ge=32, le=512)] = 128
    photos: PhotosConfig | None = None
    validation_brands: Positive = 200  # kept out of training; of photographs, where their rows do not say which
    brands_per_batch: Annotated[int, Field(ge=2)] = 64
    views_per_brand: Annotated[int, Field(ge=2)] = 4
    forged_share: Share = 0.25  # of a brand's views that show a forgery
    workers: Count = 2  # processes that photograph ahead; 0 works in the training process
    cache: str = "runs/atlas"

    @property
    def draws(self) -> bool:
        """Whether marks are drawn."""
        return bool(self.procedural_brands or self.artwork)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.draws and self.photos is None:
            raise ValueError("give procedural_brands, artwork or photos to learn from")
        return self


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
