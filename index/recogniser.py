"""The recogniser: the nearest references over all brands, whatever their number.

Few are compared one by one. Many have a *base*, an approximate index in a file over the shards of one moment, which
a build writes now and then; what joined since is compared one by one, what left since is passed over, and candidates
are ranked by their vectors in the shards. So one change costs what changed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index import wholefile
from index.hits import Hits
from index.knn import FLAT_UP_TO, ApproximateIndex, FlatIndex, kind_for, write_approximate
from index.shard import MappedShard
from vision.bundle import sha256_of
from vision.errors import GalleryDamaged
from vision.finding.neighbours import Neighbours

FOLDER = "recogniser"  # of the files of bases, in a gallery's
_RANKED = 8  # times K are taken from the base and ranked by their vectors
_RANKED_LEAST = 64
_STALE_SHARE = 0.1  # of the base's vectors joined or left since it was written: then it is written anew


class Census(BaseModel):
    """What a base is over, in a file named for its own sha256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["hnsw", "ivf"]
    index_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    shards: tuple[tuple[str, int], ...]  # file and vectors of each, in the order of its rows


@dataclass(frozen=True, eq=False)
class Base:
    """An approximate index over shards, checked."""

    name: str  # of its census
    census: Census
    index: ApproximateIndex

    @property
    def files(self) -> tuple[str, str]:
        """The names of its files."""
        return f"{self.name}.json", f"{self.census.index_sha256}.knn"

    @property
    def rows(self) -> int:
        """Vectors it was made of."""
        return sum(rows for _, rows in self.census.shards)

    @classmethod
    def open(cls, name: str, directory: Path) -> Self:
        """The base of this name in a gallery's folder; `GalleryDamaged` where it is absent or altered."""
        try:
            said = (directory / FOLDER / f"{name}.json").read_bytes()
            census = Census.model_validate_json(said)
            path = directory / FOLDER / f"{census.index_sha256}.knn"
            if hashlib.sha256(said).hexdigest() != name or sha256_of(path) != census.index_sha256:
                raise GalleryDamaged(f"the recogniser {name} is not what its name says; build the gallery again")
            return cls(name, census, ApproximateIndex.open(path, census.kind))
        except (OSError, ValidationError, RuntimeError) as fault:
            raise GalleryDamaged(f"the recogniser {name} cannot be read: {fault}; build the gallery again") from fault


def fitting(shards: Sequence[MappedShard], known: Base | None, directory: Path) -> Base | None:
    """The base for these shards: the one that is there while it covers most of them, else a new one; None for few."""
    rows = sum(shard.rows for shard in shards)
    kind = kind_for(rows)
    if kind == "flat":
        return None
    if known is not None and _strayed(shards, known) <= max(FLAT_UP_TO // 2, int(_STALE_SHARE * known.rows)):
        return known
    return _write(shards, "hnsw" if kind == "hnsw" else "ivf", directory)


def _strayed(shards: Sequence[MappedShard], base: Base) -> int:
    """Vectors that joined or left since the base was written."""
    covered, now = dict(base.census.shards), {shard.file: shard.rows for shard in shards}
    joined = sum(rows for file, rows in now.items() if file not in covered)
    return joined + sum(rows for file, rows in covered.items() if file not in now)


def _write(shards: Sequence[MappedShard], kind: Literal["hnsw", "ivf"], directory: Path) -> Base:
    folder = directory / FOLDER
    folder.mkdir(exist_ok=True)
    unfinished = folder / ".unfinished"
    write_approximate(unfinished, kind, _Passing(shards))
    wholefile.sync(unfinished)
    sha256 = sha256_of(unfinished)
    unfinished.replace(folder / f"{sha256}.knn")
    census = Census(kind=kind, index_sha256=sha256, shards=tuple((shard.file, shard.rows) for shard in shards))
    said = census.model_dump_json().encode()
    name = hashlib.sha256(said).hexdigest()
    wholefile.write(folder / f"{name}.json", said)
    return Base.open(name, directory)


class _Passing:
    """The vectors of shards, one shard's after the other's; what was read of their files is given back behind."""

    def __init__(self, shards: Sequence[MappedShard]) -> None:
        self._shards = shards

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for shard in self._shards:
            yield shard.vectors
            shard.give_back()


def sweep(directory: Path, used: Base | None) -> None:
    """Remove the files of all bases but this one."""
    folder, files = directory / FOLDER, () if used is None else used.files
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in files:
            path.unlink(missing_ok=True)


class Recogniser:
    """Searches all vectors of `shards`, through a base where there is one: its rows come first, then those since."""

    def __init__(self, shards: Sequence[MappedShard], base: Base | None) -> None:
        self._base = base
        covered = () if base is None else base.census.shards
        now, before = {shard.file: shard for shard in shards}, {file for file, _ in covered}
        joined = [shard for shard in shards if shard.file not in before]
        self._parts = [*(now.get(file) for file, _ in covered), *joined]
        lengths = [*(rows for _, rows in covered), *(shard.rows for shard in joined)]
        self._starts = np.cumsum([0, *lengths])  # [P + 1]
        self._joined_at = int(self._starts[len(covered)])
        self._joined = FlatIndex(_stacked([shard.vectors for shard in joined]))
        self._live = _live(self._parts[: len(covered)], lengths[: len(covered)])

    def nearest(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The `k` nearest vectors of each query `[Q, D]`."""
        hits = self._joined.search(queries, k)
        row = np.where(hits.row < 0, -1, hits.row + self._joined_at)
        if self._base is not None and len(queries):
            count = max(_RANKED_LEAST, _RANKED * k)
            old = self._base.index.candidates(queries, count, self._live)  # [Q, F]
            both = np.concatenate([row, old], axis=1)
            hits = Hits.nearest(both, np.concatenate([1 - hits.distance, self._cosines(queries, old)], axis=1), k)
            row = hits.row
        return self._named(row, hits.distance)

    def _cosines(self, queries: NDArray[np.float32], row: NDArray[np.int64]) -> NDArray[np.float32]:
        """Inner product of each query with each of its rows `[Q, F]`, by the vectors themselves."""
        wanted, place = np.unique(row[row >= 0], return_inverse=True)
        vectors = np.zeros((len(wanted), queries.shape[1]), np.float32)
        owners = self._owners(wanted)
        for owner in np.unique(owners):
            mine, part = owners == owner, self._parts[owner]
            assert part is not None  # only live rows are candidates
            vectors[mine] = part.vectors[wanted[mine] - self._starts[owner]]
        cosine = np.full(row.shape, -np.inf, np.float32)
        query = np.broadcast_to(np.arange(len(row))[:, None], row.shape)[row >= 0]
        cosine[row >= 0] = np.einsum("nd,nd->n", queries[query], vectors[place])
        return cosine

    def _owners(self, row: NDArray[np.int64]) -> NDArray[np.intp]:
        """The part that each row lies in."""
        return np.searchsorted(self._starts, row, side="right") - 1

    def _named(self, row: NDArray[np.int64], distance: NDArray[np.float32]) -> Neighbours:
        reference, brand = np.full(row.shape, "", np.object_), np.full(row.shape, "", np.object_)
        found = np.argwhere(row >= 0)
        for (q, k), owner in zip(found, self._owners(row[row >= 0]), strict=True):
            part = self._parts[owner]
            assert part is not None
            reference[q, k] = part.name(int(row[q, k] - self._starts[owner]))
            brand[q, k] = part.brand
        return Neighbours(distance, reference, brand)


def _live(parts: Sequence[MappedShard | None], lengths: Sequence[int]) -> NDArray[np.bool_] | None:
    """Which of the base's rows are in the gallery still; None where all are."""
    if None not in parts:
        return None
    return np.repeat([part is not None for part in parts], lengths)


def _stacked(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate(vectors) if vectors else np.zeros((0, 1), np.float32)
