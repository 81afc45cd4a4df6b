"""Exact nearest neighbours among unit vectors: by FAISS, and by brute force as the yardstick beside it."""

from dataclasses import dataclass
from typing import Protocol

import faiss
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Hits:
    """The `K` nearest rows of each of `Q` queries, nearest first, equally near ones by row.

    Of rows equally near at the `K`-th place any may be given.
    """

    row: NDArray[np.int64]  # [Q, K] position among the indexed vectors; -1 where fewer than K exist
    distance: NDArray[np.float32]  # [Q, K] cosine distance 1 - cos, 0..2; inf where fewer than K exist


class KnnIndex(Protocol):
    """Searches an immutable set of `N` unit vectors."""

    def __len__(self) -> int: ...

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        ...


class FlatIndex:
    """FAISS inner product over `N` unit vectors `[N, D]`, all compared."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        found = min(k, len(self))
        if found == 0 or len(queries) == 0:
            return _none(len(queries), k)
        cosine, row = self._index.search(np.ascontiguousarray(queries, np.float32), found)  # [Q, found]
        return _padded(*_ordered(row, cosine), k)


class BruteForce:
    """The definition: every inner product, sorted."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        cosine = queries @ self._vectors.T  # [Q, N]
        row = np.broadcast_to(np.arange(len(self)), cosine.shape)
        row, cosine = _ordered(row, cosine)
        return _padded(row[:, :k], cosine[:, :k], k)


def _ordered(row: NDArray[np.int64], cosine: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Both `[Q, K]`, nearest first, equals by row."""
    order = np.lexsort((row, -cosine), axis=1)
    return np.take_along_axis(row, order, axis=1), np.take_along_axis(cosine, order, axis=1)


def _padded(row: NDArray[np.int64], cosine: NDArray[np.float32], k: int) -> Hits:
    """Hits `[Q, K]` of the rows found, their rounding errors clipped away."""
    hits = _none(len(row), k)
    hits.row[:, : row.shape[1]] = row
    hits.distance[:, : row.shape[1]] = np.clip(1 - cosine, 0, 2)
    return hits


def _none(queries: int, k: int) -> Hits:
    return Hits(np.full((queries, k), -1, np.int64), np.full((queries, k), np.inf, np.float32))
