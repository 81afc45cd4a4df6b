"""Batches: brands chosen evenly, several photographs of each, some of them of forgeries."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training import augment, backdrop
from training.atlas import COLOURS, SHAPES, Atlas
from training.config import Stage, TrainConfig
from vision.vocabulary import Vocabulary

_GROUNDS = 384
_CLUTTER = 96
_VALIDATION_REFERENCES = 4
_VALIDATION_VIEWS = 8  # of a brand: references, genuine queries, and one forged


@dataclass(frozen=True, eq=False)
class Batch:
    """`B` photographs in rows of brands."""

    images: Tensor  # uint8 [B, 3, S, S]
    brand: Tensor  # int64 [B]
    forged: Tensor  # bool [B]
    tokens: Tensor  # int64 [B, T] captions


@dataclass(frozen=True)
class Split:
    """Marks of the brands to learn from, and of the brands kept for validation."""

    training: tuple[tuple[int, ...], ...]  # marks of each brand
    validation: tuple[tuple[int, ...], ...]


def split(brands: Sequence[str], validation_brands: int) -> Split:
    """Keep brands for validation by the digest of their name: the same ones whatever else is drawn."""
    marks: dict[str, list[int]] = {}
    for index, name in enumerate(brands):
        marks.setdefault(name, []).append(index)
    by_digest = sorted(marks, key=lambda name: zlib.crc32(name.encode()))
    kept = min(validation_brands, len(by_digest) // 2)
    rows = [tuple(marks[name]) for name in by_digest]
    return Split(tuple(rows[kept:]), tuple(rows[:kept]))


def vocabulary(context_tokens: int) -> Vocabulary:
    """All words that captions are made of."""
    captions = [caption(f"{colour} {shape}", product, 0) for colour in COLOURS for shape in SHAPES for product in _ALL]
    return Vocabulary.of([*captions, *map(product_prompt, backdrop.PRODUCTS)], context_tokens)


_ALL = range(len(backdrop.PRODUCTS))


def caption(words: str, product: int, style: int) -> str:
    """What a photograph shows, said in one of three lengths."""
    place = product_prompt(backdrop.PRODUCTS[product])
    return (f"a photo of a {words} mark on {place}", f"a {words} mark", f"a photo of {place}")[style]


def product_prompt(product: str) -> str:
    """The caption part that names a product class."""
    return "something else" if product == "other" else f"a {product}"


class Photographs(Dataset[Batch]):
    """The batch of each step. A step's batch depends on seed and step alone, so a run resumes exactly."""

    def __init__(self, atlas: Atlas, brands: Sequence[tuple[int, ...]], config: TrainConfig) -> None:
        self._atlas, self._brands, self._config = atlas, brands, config
        self._words = vocabulary(config.model.context_tokens)
        self._bank: augment.Bank | None = None

    def __len__(self) -> int:
        return self._config.schedule.steps

    def __getitem__(self, step: int) -> Batch:
        data = self._config.data
        rng = np.random.default_rng([self._config.seed, step])
        chosen = rng.choice(len(self._brands), min(data.brands_per_batch, len(self._brands)), replace=False)
        forged_views = round(data.views_per_brand * data.forged_share)
        stage = stage_at(self._config, step)
        return self.photograph(chosen, data.views_per_brand, forged_views, stage, rng)

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
            torch.from_numpy(np.arange(len(chosen)).repeat(views)),
            torch.from_numpy(layers > 0),
            torch.from_numpy(self._words.encode(said)),
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


def stage_at(config: TrainConfig, step: int) -> Stage:
    """The first stage of the schedule that is not yet over; after the last, the model's own input side."""
    whole = Stage(input_px=config.model.input_px, until_share=1)
    return next((stage for stage in config.schedule.stages if step < stage.until_share * config.schedule.steps), whole)


def batches(photographs: Photographs, first_step: int, workers: int) -> Iterator[Batch]:
    """The batches from `first_step` to the end, photographed ahead by `workers` processes."""
    loader: DataLoader[Batch] = DataLoader(
        photographs,
        batch_size=None,
        sampler=range(first_step, len(photographs)),
        num_workers=workers,
        prefetch_factor=3 if workers else None,
    )
    return iter(loader)


@dataclass(frozen=True, eq=False)
class Validation:
    """A small retrieval task on brands never learned from, the same at each call."""

    batch: Batch
    is_reference: NDArray[np.bool_]  # [B]


def validation(photographs: Photographs, brand_count: int, size_px: int) -> Validation:
    """Four references, three genuine queries and one forged query of each validation brand."""
    rng = np.random.default_rng(20_240_501)
    stage = Stage(input_px=size_px, until_share=1)
    batch = photographs.photograph(np.arange(brand_count), _VALIDATION_VIEWS, 1, stage, rng)
    views = np.tile(np.arange(_VALIDATION_VIEWS), brand_count)
    return Validation(batch, views < _VALIDATION_REFERENCES)
