"""Photographs of drawn marks: brands chosen evenly, several views of each, some of them of forgeries."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training import augment, backdrop
from training.atlas import Atlas
from training.config import Stage, TrainConfig
from training.data.batch import Batch
from training.data.captions import caption
from training.data.tokens import tokeniser

_GROUNDS = 384
_CLUTTER = 96


class Photographs:
    """Views of brands whose marks are drawn; they depend on the generator given alone."""

    def __init__(self, atlas: Atlas, brands: Sequence[tuple[int, ...]], config: TrainConfig) -> None:
        self._atlas, self._brands, self._config = atlas, brands, config
        self._tokenise = tokeniser(config.model)
        self._bank: augment.Bank | None = None

    @property
    def brand_count(self) -> int:
        """How many brands there are to choose from."""
        return len(self._brands)

    def photograph(
        self, chosen: NDArray[np.int64], views: int, forged_views: int, stage: Stage, rng: np.random.Generator
    ) -> Batch:
        """`views` photographs of each chosen brand, the last `forged_views` of them forged where a forgery exists."""
        marks = np.array([rng.choice(self._brands[row]) for row in chosen]).repeat(views)
        layers = np.zeros(len(marks), np.int64)
        slots = np.tile(np.arange(views) >= views - forged_views, len(chosen))
        layers[slots] = [self._forgery(mark, rng) for mark in marks[slots]]
        products = self._products(len(marks), rng)
        images = self._images(marks, layers, products, stage, rng)
        said = [caption(self._atlas.words[m], p, int(rng.integers(3))) for m, p in zip(marks, products, strict=True)]
        return Batch(
            images,
            torch.from_numpy(chosen.repeat(views)),
            torch.from_numpy(layers > 0),
            torch.from_numpy(self._tokenise(said)),
        )

    def _forgery(self, mark: int, rng: np.random.Generator) -> int:
        """Layer of one of the mark's forgeries, or 0 where it has none."""
        slots = np.flatnonzero(self._atlas.forged[mark])
        return int(rng.choice(slots)) + 1 if len(slots) else 0

    def _products(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        bare = rng.random(count) < 0.2
        return np.where(bare, augment.BARE, rng.integers(len(backdrop.PRODUCTS), size=count))

    def _images(
        self,
        marks: NDArray[np.int64],
        layers: NDArray[np.int64],
        products: NDArray[np.int64],
        stage: Stage,
        rng: np.random.Generator,
    ) -> Tensor:
        art = torch.from_numpy(self._atlas.layers[marks, layers]).permute(0, 3, 1, 2)  # [B, 4, A, A]
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        low, high = self._config.augment.fill
        camera = self._config.augment.model_copy(update={"fill": (max(low, stage.least_fill), high)})
        bank = self._backdrop()
        return augment.photograph(art, torch.from_numpy(products), bank, camera, stage.input_px, generator)

    def _backdrop(self) -> augment.Bank:
        """Drawn once in each process."""
        if self._bank is None:
            seed, side = self._config.seed, self._config.model.input_px * 5 // 4
            rng = np.random.default_rng([seed, 2])
            clutter = self._atlas.layers[rng.integers(len(self._atlas.brands), size=_CLUTTER), 0]
            self._bank = augment.Bank.of(backdrop.draw(_GROUNDS, side, clutter, seed), seed)
        return self._bank
