"""Sampling: which brands a step sees, chosen evenly, and the photographs of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from training.config import Stage, TrainConfig
from training.data.batch import Batch

Place = tuple[int, int]  # step, and part of its batch


class Maker(Protocol):
    """Makes views of brands: drawn and photographed, or from photographs."""

    @property
    def brand_count(self) -> int:
        """How many brands there are to choose from."""
        ...

    def photograph(
        self, chosen: NDArray[np.int64], views: int, forged_views: int, stage: Stage, rng: np.random.Generator
    ) -> Batch:
        """`views` views of each chosen brand, the last `forged_views` of them forged where possible."""
        ...


@dataclass(frozen=True, eq=False)
class Sampler:
    """The photographs of a step's part. They depend on seed, step and part alone, so that a run resumes exactly."""

    makers: tuple[Maker, ...]
    shares: tuple[float, ...]  # of a batch's brands that each maker gives; they sum to 1
    settings: TrainConfig

    @property
    def brand_count(self) -> int:
        """How many brands there are to learn from."""
        return sum(maker.brand_count for maker in self.makers)

    def __getitem__(self, place: Place) -> Batch:
        """The photographs of a step's part; no brand stands in two parts of a step."""
        (step, part), data = place, self.settings.data
        draw = np.random.default_rng([self.settings.seed, step])
        rng = np.random.default_rng([self.settings.seed, step, part, 1])
        forged_views, stage = round(data.views_per_brand * data.forged_share), stage_at(self.settings, step)
        made, before = [], 0
        for maker, share in zip(self.makers, self.shares, strict=True):
            chosen = self._chosen(maker.brand_count, share, part, draw)
            if len(chosen):
                batch = maker.photograph(chosen, data.views_per_brand, forged_views, stage, rng)
                made.append(replace(batch, brand=batch.brand + before))
            before += maker.brand_count
        return _joined(made)

    def _chosen(self, count: int, share: float, part: int, draw: np.random.Generator) -> NDArray[np.int64]:
        """Brands of one maker for a part."""
        parts = self.settings.schedule.parts_per_step
        wanted = min(round(share * self.settings.data.brands_per_batch), count // parts)
        return draw.choice(count, wanted * parts, replace=False)[part * wanted : (part + 1) * wanted]


def stage_at(config: TrainConfig, step: int) -> Stage:
    """The first stage of the schedule that is not yet over; after the last, the model's own input side."""
    whole = Stage(input_px=config.model.input_px, until_share=1)
    return next((stage for stage in config.schedule.stages if step < stage.until_share * config.schedule.steps), whole)


def _joined(batches: Sequence[Batch]) -> Batch:
    return Batch(
        torch.cat([batch.images for batch in batches]),
        torch.cat([batch.brand for batch in batches]),
        torch.cat([batch.forged for batch in batches]),
        torch.cat([batch.tokens for batch in batches]),
    )
