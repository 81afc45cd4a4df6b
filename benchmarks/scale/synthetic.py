"""Synthetic galleries: vectors in clusters, one a brand, written as the shards that serve."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.measured import memory_mb
from index import recogniser, shard
from index.manifest import SHARDS, Manifest
from index.shard import MappedShard, Shard, make_room

WIDTH = 256  # of the carried bundle's vectors
EMBEDDER = "synthetic"
SPREAD = 1.0  # length of what a reference differs by from its brand's centre, which has length 1
_TOLD_EVERY = 1000  # brands
NOISE = 0.7  # of what a query differs by from a reference


@dataclass(frozen=True)
class Size:
    """Of a gallery."""

    brands: int
    each: int  # vectors of a brand

    @property
    def rows(self) -> int:
        """Vectors of all."""
        return self.brands * self.each


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors `[N, D]` of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def about(centres: NDArray[np.float32], length: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Unit vectors `[N, D]`, each off its centre by about a length."""
    noise = rng.standard_normal(centres.shape, dtype=np.float32)
    return unit(centres + np.float32(length / WIDTH**0.5) * noise)


def brand(seed: int, number: int, each: int) -> NDArray[np.float32]:
    """The vectors of one brand."""
    rng = np.random.default_rng([seed, number])
    centre = unit(rng.standard_normal((1, WIDTH), dtype=np.float32))
    return about(np.repeat(centre, each, axis=0), SPREAD, rng)


def queries(size: Size, count: int, seed: int) -> tuple[NDArray[np.float32], list[str]]:
    """Vectors `[Q, D]` near references, and the brand of each."""
    rng = np.random.default_rng([seed, 1 << 40])
    numbers, rows = rng.integers(0, size.brands, count), rng.integers(0, size.each, count)
    near = np.stack([brand(seed, n, size.each)[row] for n, row in zip(numbers.tolist(), rows.tolist(), strict=True)])
    return about(near, NOISE, rng), [name_of(number) for number in numbers.tolist()]


def name_of(number: int) -> str:
    """A brand's id."""
    return f"brand{number:06}"


def shards(size: Size, seed: int, folder: Path) -> Iterator[MappedShard]:
    """Write the brands' shards; vectors only, since templates lie on disk until a brand is looked at."""
    for number in range(size.brands):
        if number % _TOLD_EVERY == _TOLD_EVERY - 1:
            print(f"  {number + 1:,} brands written", flush=True)
        yield write_brand(folder, number, brand(seed, number, size.each))


def write_brand(folder: Path, number: int, vectors: NDArray[np.float32], change: int = 0) -> MappedShard:
    """One brand's shard, of these vectors."""
    names = np.array([f"{number:08x}{row:08x}" for row in range(len(vectors))])
    return shard.write(Shard(name_of(number), vectors, names, ()), f"{change:08x}{number:024x}", folder)


def write(size: Size, seed: int, directory: Path) -> float:
    """A whole gallery in a folder; gives the MB that this process held at the most."""
    folder = directory / SHARDS
    folder.mkdir(parents=True, exist_ok=True)
    make_room(size.brands)
    made = list(shards(size, seed, folder))
    swap_in(made, recogniser.fitting(made, None, directory), 1, directory)
    return memory_mb()[2]


def swap_in(made: list[MappedShard], base: recogniser.Base | None, version: int, directory: Path) -> None:
    """Say that these shards are the gallery."""
    name = None if base is None else base.name
    Manifest.of(made, "synthetic", version, EMBEDDER, (), name).write(directory)
