"""Hits: the nearest rows of a set of unit vectors, what finds them, and by brute force the definition of them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Hits:
    """The `K` nearest rows of each of `Q` queries, nearest first, equally near ones by row.

    Of rows equally near at the `K`-th place any may be given.
    """

    row: NDArray[np.int64]  # [Q, K] position among the indexed vectors; -1 where fewer than K exist
    distance: NDArray[np.float32]  # [Q, K] cosine distance 1 - cos, 0..2; inf where fewer than K exist

    @classmethod
    def none(cls, queries: int, k: int) -> "Hits":
        """Nothing found."""
        return cls(np.full((queries, k), -1, np.int64), np.full((queries, k), np.inf, np.float32))

    @classmethod
    def nearest(cls, row: NDArray[np.int64], cosine: NDArray[np.float32], k: int) -> "Hits":
        """The `k` nearest of rows found `[Q, F]`, of which -1 are none; rounding errors are clipped away."""
        distance = np.where(row < 0, np.inf, np.clip(1 - cosine, 0, 2)).astype(np.float32)
        order = np.lexsort((row, distance), axis=1)[:, :k]  # by what is told: cosines apart may round to one distance
        hits = cls.none(len(row), k)
        hits.row[:, : order.shape[1]] = np.take_along_axis(row, order, axis=1)
        hits.distance[:, : order.shape[1]] = np.take_along_axis(distance, order, axis=1)
        return hits


class KnnIndex(Protocol):
    """Searches an immutable set of `N` unit vectors."""

    def __len__(self) -> int: ...

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        ...


class BruteForce:
    """The definition: every inner product, sorted."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        cosine = queries @ self._vectors.T  # [Q, N]
        return Hits.nearest(np.broadcast_to(np.arange(len(self)), cosine.shape), cosine, k)
