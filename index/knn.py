"""Nearest neighbours among unit vectors, by FAISS: exact in memory or over a mapped file, and approximate in a file."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from index.hits import Hits, KnnIndex

_wrapped: Any = faiss  # its types are those of C++, where Python's wrapper takes arrays and names

Kind = Literal["flat", "hnsw", "ivf"]  # how all references are searched

# Measured on one core at 256 dimensions.
FLAT_UP_TO = 50_000  # vectors searched one by one: 2 ms a query
HNSW_UP_TO = 100_000  # a graph of more takes longer to build than lists, and finds no more
QUANTISED_FROM = 20_000  # vectors of one brand, searched as int8 first

_MAX_LISTS = 4096  # each vector is compared with every list's centre when it is added
_TRAINED_ON = 64  # vectors a list
_TRAINING_ROUNDS = 6
_PROBED = 192  # lists a query looks into: 64 find 0.955 of the ten nearest of a million in 2.2 ms, these 0.972 in 2.9
_LINKS, _BUILD_BREADTH, _SEARCH_BREADTH = 16, 80, 160  # of the graph
_BLOCK = 65_536  # vectors added together
_WIDER = 4  # times K are taken from int8 codes before the vectors themselves decide
_ROUNDING = 1e-5


def kind_for(rows: int) -> Kind:
    """How a set of so many vectors is searched best."""
    if rows <= FLAT_UP_TO:
        return "flat"
    return "hnsw" if rows <= HNSW_UP_TO else "ivf"


def exact(vectors: NDArray[np.float32]) -> KnnIndex:
    """An exact index, of the kind that fits the size."""
    return FlatIndex(vectors) if len(vectors) < QUANTISED_FROM else QuantisedIndex(vectors)


class FlatIndex:
    """FAISS inner product over `N` unit vectors `[N, D]`, all compared. They are not copied: a mapped file serves."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        found = min(k, len(self))
        if found == 0 or len(queries) == 0:
            return Hits.none(len(queries), k)
        wanted = np.ascontiguousarray(queries, np.float32)
        cosine, row = faiss.knn(wanted, self._vectors, found, metric=faiss.METRIC_INNER_PRODUCT)  # [Q, found]
        return Hits.nearest(row, cosine, k)


class QuantisedIndex:
    """As exact as `FlatIndex` at a quarter of the memory: int8 codes propose, the vectors decide.

    A code's inner product is off by at most the length of what the code lacks of its vector, so that whatever may
    belong to the nearest is known and looked at. The vectors themselves stay where they are, in a mapped file.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors
        self._codes = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        self._codes.train(np.ascontiguousarray(vectors))
        self._codes.add(np.ascontiguousarray(vectors))
        starts = range(0, len(vectors), _BLOCK)
        self._error = max(self._lacking(start) for start in starts)

    def _lacking(self, start: int) -> float:
        """The longest difference of a vector of a block and its code."""
        block = self._vectors[start : start + _BLOCK]
        return float(np.linalg.norm(block - self._codes.reconstruct_n(start, len(block)), axis=1).max())

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: NDArray[np.float32], k: int) -> Hits:
        """The `k` rows nearest to each unit vector `[Q, D]`."""
        hits, wanted = Hits.none(len(queries), k), np.ascontiguousarray(queries, np.float32)
        if len(queries) == 0 or k == 0:
            return hits
        found = min(_WIDER * k, len(self))
        cosine, row = self._codes.search(wanted, found)  # [Q, found]
        for i, query in enumerate(wanted):
            doubt = 2 * self._error * float(np.linalg.norm(query)) + _ROUNDING
            bound = float(cosine[i, min(k, found) - 1]) - doubt
            settled = found == len(self) or float(cosine[i, -1]) < bound
            candidates = row[i] if settled else self._above(query, bound)
            best = Hits.nearest(candidates[None], (self._vectors[candidates] @ query)[None], k)
            hits.row[i], hits.distance[i] = best.row[0], best.distance[0]
        return hits

    def _above(self, query: NDArray[np.float32], bound: float) -> NDArray[np.int64]:
        """Every row whose code says more than `bound`."""
        _, _, row = self._codes.range_search(query[None], bound)
        return np.asarray(row, np.int64)


class ApproximateIndex:
    """Finds most of the nearest among many: a graph, or lists about centres, over int8 codes in a file.

    What it says of distances is rough: whoever has the vectors ranks its candidates by them.
    """

    def __init__(self, index: Any, kind: Kind) -> None:
        self._index, self.kind = index, kind

    @classmethod
    def open(cls, path: Path, kind: Kind) -> Self:
        """The index in a file. Its lists stay there, mapped, and cost memory only where they are looked into."""
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY), kind)

    def candidates(
        self, queries: NDArray[np.float32], count: int, live: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """About the `count` nearest rows of each unit vector `[Q, D]`, -1 where fewer are found; only `live` ones."""
        named = {} if live is None else {"sel": _wrapped.IDSelectorBitmap(np.packbits(live, bitorder="little"))}
        if self.kind == "hnsw":
            parameters = _wrapped.SearchParametersHNSW(efSearch=max(_SEARCH_BREADTH, count), **named)
        else:
            parameters = _wrapped.SearchParametersIVF(nprobe=_PROBED, **named)
        _, row = self._index.search(np.ascontiguousarray(queries, np.float32), count, params=parameters)
        return np.asarray(row, np.int64)


def write_approximate(path: Path, kind: Kind, parts: Iterable[NDArray[np.float32]], seed: int = 0) -> None:
    """Build an approximate index of all rows of `parts`, in their order, and write it to a file. Not durable yet.

    Parts are gone through more than once, and of each nothing is read once the next was asked for.
    """
    rows, width = sum(map(len, parts)), next(iter(parts)).shape[1]
    index = _graph(width) if kind == "hnsw" else _lists(width, rows)
    index.train(_sample(parts, min(rows, _TRAINED_ON * _lists_for(rows)), seed))
    for block in _blocks(parts, width):
        index.add(block)
    faiss.write_index(index, str(path))


def _lists_for(rows: int) -> int:
    return int(min(_MAX_LISTS, max(16, 4 * rows**0.5)))


def _graph(width: int) -> Any:
    graph = _wrapped.IndexHNSWSQ(width, faiss.ScalarQuantizer.QT_8bit, _LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = _BUILD_BREADTH
    return graph


def _lists(width: int, rows: int) -> Any:
    centres = faiss.IndexFlatIP(width)
    kind = faiss.ScalarQuantizer.QT_8bit
    lists = faiss.IndexIVFScalarQuantizer(centres, width, _lists_for(rows), kind, faiss.METRIC_INNER_PRODUCT)
    lists.cp.niter, lists.cp.max_points_per_centroid, lists.cp.min_points_per_centroid = _TRAINING_ROUNDS, 256, 1
    return lists


def _sample(parts: Iterable[NDArray[np.float32]], count: int, seed: int) -> NDArray[np.float32]:
    """Rows drawn from all parts, each part's share in proportion."""
    lengths = [len(part) for part in parts]
    rng, ends = np.random.default_rng(seed), np.cumsum(lengths)
    chosen = np.sort(rng.choice(ends[-1], count, replace=False))
    cuts = np.searchsorted(chosen, ends)
    drawn, start = [], 0
    for part, end, first in zip(parts, cuts, ends - lengths, strict=True):
        drawn.append(part[chosen[start:end] - first])
        start = int(end)
    return np.concatenate(drawn)


def _blocks(parts: Iterable[NDArray[np.float32]], width: int) -> Iterator[NDArray[np.float32]]:
    """The parts' rows `[B, D]` in their order, many together. A block is good until the next."""
    block, filled = np.empty((_BLOCK, width), np.float32), 0
    for part in parts:
        start = 0
        while start < len(part):
            taken = min(len(part) - start, _BLOCK - filled)
            block[filled : filled + taken] = part[start : start + taken]
            start, filled = start + taken, filled + taken
            if filled == _BLOCK:
                yield block
                filled = 0
    if filled:
        yield block[:filled]
