"""Staged: a gallery in which some brands are as they were at the baseline of their roll-out."""

import hashlib
from collections.abc import Collection
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vision.finding.inverted import instead
from vision.finding.neighbours import Neighbours, nearest_of
from vision.geometry.codebook import Codewords
from vision.recognition import References
from vision.template import Template


class Staged:
    """Implements `vision.recognition.References`: the brands named are the baselines', all others the current ones.

    `spare` is how many vectors are searched beyond those asked for, as those that current references have of the
    brands named are not wanted.
    """

    def __init__(self, current: References, baselines: References, old: Collection[str], spare: int) -> None:
        self._current, self._baselines, self._old, self._spare = current, baselines, tuple(sorted(old)), spare

    @cached_property
    def version(self) -> str:
        """Identity of this set: of the current one, of the baselines, and of which are taken of these."""
        named = hashlib.sha256("\n".join([self._baselines.version, *self._old]).encode()).hexdigest()[:8]
        return f"{self._current.version}-{named}"

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """Brand ids with at least one reference."""
        return tuple(sorted(set(self._current.brands).difference(self._old) | set(self._there)))

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest vectors of each query `[Q, D]`; `BrandUnknown`."""
        if brand is not None:
            return self._of(brand).nearest(queries, k, brand)
        old = [self._baselines.nearest(queries, k, each) for each in self._there]
        return nearest_of([self._others(queries, k), *old], len(queries), k)

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords give each brand, most first."""
        return instead(self._current.votes(asked), self._old, self._baselines.votes(asked))

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates; `BrandUnknown`."""
        return self._of(brand).templates(brand)

    @cached_property
    def _there(self) -> tuple[str, ...]:
        """The brands named that have references at their baseline."""
        known = set(self._baselines.brands)
        return tuple(brand for brand in self._old if brand in known)

    def _of(self, brand: str) -> References:
        return self._baselines if brand in self._old else self._current

    def _others(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The nearest of the brands that are not old."""
        found = self._current.nearest(queries, k + self._spare)  # [Q, K + spare]
        return found.without(np.isin(found.brand, self._old), k)
