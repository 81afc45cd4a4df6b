"""Probe: photographs of fictional brands and captions, on which every precision is held against PyTorch.

The same on every machine with the same typefaces. R references, Q queries of enrolled brands and of strangers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthesis import brand
from vision.camera import PRESETS, photograph

FIRST_SEED = 9_500_000  # nothing is trained on brands from here on
CALIBRATION_SEED = 9_600_000
SIDE_PX = 256
_CONDITIONS = ("mild", "mild", "mild", "hard")  # of queries, in turn
_PRODUCTS = ("emblem", "valve cap", "key ring", "label", "bag", "garment", "shoe", "watch", "packaging")
_COLOURS = ("black", "white", "red", "green", "blue", "yellow", "silver")
_STRANGER = -1


@dataclass(frozen=True)
class ProbePlan:
    """How many photographs; each brand is seen `views` times beside its references, each stranger once."""

    brands: int = 40
    references: int = 4
    views: int = 20
    strangers: int = 200
    calibration: int = 128  # further photographs, of none of these

    @classmethod
    def of(cls, queries: int) -> "ProbePlan":
        """A plan of about so many queries, a fifth of them of strangers."""
        brands = max(2, min(40, queries // 8))
        views, strangers = max(1, round(queries * 0.8 / brands)), max(2, queries // 5)
        return cls(brands, 4, views, strangers, min(128, max(8, queries // 6)))


@dataclass(frozen=True, eq=False)
class Probe:
    """Photographs, and which brand each shows."""

    references: tuple[NDArray[np.uint8], ...]  # R of [H, W, 3]
    reference_brands: NDArray[np.int64]  # [R]
    queries: tuple[NDArray[np.uint8], ...]  # Q of [H, W, 3]
    query_brands: NDArray[np.int64]  # [Q], -1 of a stranger
    captions: tuple[str, ...]

    @property
    def photographs(self) -> tuple[NDArray[np.uint8], ...]:
        """References, then queries."""
        return (*self.references, *self.queries)


def draw(plan: ProbePlan) -> Probe:
    """Draw the brands and photograph them."""
    seen = [list(_views(FIRST_SEED + number, plan)) for number in range(plan.brands)]
    strangers = [_view(FIRST_SEED + plan.brands + number, number, _CONDITIONS) for number in range(plan.strangers)]
    references = [view for views in seen for view in views[: plan.references]]
    queries = [view for views in seen for view in views[plan.references :]]
    enrolled = np.arange(plan.brands)
    return Probe(
        tuple(references),
        enrolled.repeat(plan.references),
        (*queries, *strangers),
        np.concatenate([enrolled.repeat(plan.views), np.full(plan.strangers, _STRANGER)]),
        _captions(),
    )


def calibration_photographs(count: int) -> list[NDArray[np.uint8]]:
    """Photographs of other brands, to learn the ranges of an int8 tower's values from."""
    return [_view(CALIBRATION_SEED + number, number, _CONDITIONS) for number in range(count)]


def _views(seed: int, plan: ProbePlan) -> Iterator[NDArray[np.uint8]]:
    artwork = brand.draw(seed).artwork
    for number in range(plan.references + plan.views):
        condition = "studio" if number < plan.references else _CONDITIONS[number % len(_CONDITIONS)]
        yield _shot(artwork, condition, (seed, number))


def _view(seed: int, number: int, conditions: Sequence[str]) -> NDArray[np.uint8]:
    return _shot(brand.draw(seed).artwork, conditions[number % len(conditions)], (seed, number))


def _shot(artwork: NDArray[np.uint8], condition: str, seed: tuple[int, int]) -> NDArray[np.uint8]:
    return photograph(artwork, PRESETS[condition], np.random.default_rng(seed), SIDE_PX).photo


def _captions() -> tuple[str, ...]:
    return tuple(
        said
        for number, product in enumerate(_PRODUCTS)
        for said in (f"a photo of a {product}", f"a {_COLOURS[number % len(_COLOURS)]} mark on a {product}")
    )
