"""Mistakes: the queries furthest nearer to another brand than to their own, as pictures to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.crop import Crop
from benchmarks.recognition.measured import Slice
from training.synthesis.listings import encoded

_SIDE_PX = 200
_PAPER = 245


@dataclass(frozen=True)
class Mistake:
    """A query, what it was taken for, and its own brand's nearest."""

    query: Crop
    taken: Crop
    own: Crop | None  # None: its brand is not enrolled
    similarity: float
    own_similarity: float

    @property
    def caption(self) -> str:
        """In words."""
        what = " ".join(filter(None, (self.query.brand, self.query.condition, self.query.role)))
        told = f"{what}, taken for {self.taken.brand} ({self.similarity:.2f})"
        return f"{told}; its own {self.own_similarity:.2f}" if self.own else f"{told}; not enrolled"


def worst(one: Slice, most: int) -> list[Mistake]:
    """So many of the worst: by how much nearer the other brand is."""
    found = one.found
    wrong = np.flatnonzero((found.nearer > 0) & (found.own >= 0))
    order = wrong[np.argsort((found.own_similarity - found.similarity)[wrong], kind="stable")]
    return [_mistake(one, int(row)) for row in order[:most]]


def likeliest_strangers(one: Slice, most: int) -> list[Mistake]:
    """So many of the unenrolled brands' photographs nearest to a reference."""
    strangers = np.flatnonzero(one.found.own < 0)
    order = strangers[np.argsort(-one.found.similarity[strangers], kind="stable")]
    return [_mistake(one, int(row)) for row in order[:most]]


def _mistake(one: Slice, row: int) -> Mistake:
    own = int(one.found.own[row])
    return Mistake(
        one.queries[row],
        one.references[int(one.found.nearest[row])],
        one.references[own] if own >= 0 else None,
        float(one.found.similarity[row]),
        float(one.found.own_similarity[row]),
    )


def write(mistakes: list[Mistake], folder: Path, stem: str) -> Iterator[tuple[str, str]]:
    """A picture each: query, taken for, own; yields file name and caption."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(mistakes):
        file = folder / f"{stem}-{number:02d}.jpg"
        file.write_bytes(encoded(picture(one)))
        yield file.name, one.caption


def picture(one: Mistake) -> NDArray[np.uint8]:
    """Side by side `[200, 600 or 400, 3]`."""
    return np.hstack([_framed(crop.pixels()) for crop in (one.query, one.taken, one.own) if crop is not None])


def _framed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """In the middle of a square of paper."""
    scale = (_SIDE_PX - 8) / max(pixels.shape[:2])
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    square = np.full((_SIDE_PX, _SIDE_PX, 3), _PAPER, np.uint8)
    top, left = (_SIDE_PX - height) // 2, (_SIDE_PX - width) // 2
    square[top : top + height, left : left + width] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return square
