"""Which brands are learned from, and which are kept for validation."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass


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
