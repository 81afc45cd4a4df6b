"""Measured: each row's figures on both sets, and what it took marks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition import figures
from benchmarks.recognition.crop import Crop
from benchmarks.recognition.embedders import Looker
from benchmarks.recognition.figures import Figures
from benchmarks.recognition.looking import Seen, Tell, look, views
from benchmarks.recognition.ranking import Ranked, ranked


@dataclass(frozen=True, eq=False)
class Slice:
    """One row on one set."""

    figures: Figures
    queries: tuple[Crop, ...]
    references: tuple[Crop, ...]
    found: Ranked


@dataclass(frozen=True, eq=False)
class Row:
    """One embedder, or one with its vectors centred."""

    name: str
    images_per_second: float  # of one thread's CPU time
    emblems: Slice | None
    wild: Slice | None


def measure(emblems: Sequence[Crop], wild: Sequence[Crop], lookers: Sequence[Looker], tell: Tell) -> list[Row]:
    """A row a looker, and a further one for a teacher centred; a set without marks is left out."""
    on_emblems = look(emblems, lookers, "emblems", tell)
    on_wild = look(wild, lookers, "wild_logos", tell) if wild else [None] * len(lookers)
    rows = []
    for seen, seen_wild in zip(on_emblems, on_wild, strict=True):
        here = views(seen, np.array([one.role == "reference" for one in emblems]))
        there = views(seen_wild, np.ones(len(wild), np.bool_)) if seen_wild else {}
        speed = _speed([one for one in (seen, seen_wild) if one])
        for name, vectors in here.items():
            rows.append(Row(name, speed, _emblems(emblems, vectors), _wild(wild, there[name]) if there else None))
    return rows


def _speed(seen: Sequence[Seen]) -> float:
    return sum(len(one.vectors) for one in seen) / max(1e-9, sum(one.seconds for one in seen))


def _emblems(crops: Sequence[Crop], vectors: NDArray[np.float32]) -> Slice:
    is_reference = np.array([one.role == "reference" for one in crops])
    queries = tuple(one for one in crops if one.role != "reference")
    references = tuple(one for one in crops if one.role == "reference")
    found = ranked(vectors[~is_reference] @ vectors[is_reference].T, _brands(queries), _brands(references))
    return Slice(figures.of_emblems(found, queries), queries, references, found)


def _wild(crops: Sequence[Crop], vectors: NDArray[np.float32]) -> Slice:
    """Each mark among those of other photographs."""
    files = np.array([str(one.file) for one in crops])
    found = ranked(vectors @ vectors.T, _brands(crops), _brands(crops), files[:, None] == files[None])
    return Slice(figures.of_wild(found, crops), tuple(crops), tuple(crops), found)


def _brands(crops: Sequence[Crop]) -> list[str]:
    return [one.brand for one in crops]
