"""Searches restricted to a brand, or to an organisation's brands, at random: how many answers name another's reference.

Run: `python -m benchmarks.isolation [--queries 1000000] [--brands 1000] [--references 8] [--organisation 10]`. Makes a
gallery of random unit vectors through the files that serve. Every query is for a brand drawn at random; half of them
are another brand's own vector, which is nearer to that brand than to any other. Exits with 1 where anything leaked.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is loaded

import argparse
import hashlib
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import shard
from index.gallery import Gallery
from index.manifest import Manifest
from index.shard import MappedShard, Shard
from index.visible import Visible
from vision.finding.neighbours import Neighbours

DIM = 128
NEIGHBOURS = 10
TOGETHER = 20_000  # queries drawn at once


@dataclass(frozen=True)
class Counted:
    """What a run of queries came to."""

    queries: int
    answers: int  # references named
    leaked: int  # of another brand
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both, print what came of it, and give 1 where anything leaked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--references", type=int, default=8)
    parser.add_argument("--organisation", type=int, default=10, help="brands of one")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    rng = np.random.default_rng(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        gallery, vectors = made(chosen.brands, chosen.references, rng, Path(folder))
        by_brand = of_brands(gallery, vectors, chosen.queries, rng)
        by_organisation = of_organisations(gallery, vectors, chosen.queries // 10, chosen.organisation, rng)
    print(f"{chosen.brands} brands of {chosen.references} references; {platform.processor() or platform.machine()}")
    for what, counted in (("a brand", by_brand), (f"{chosen.organisation} brands", by_organisation)):
        print(
            f"restricted to {what:10} {counted.queries:>9} queries  {counted.answers:>9} references named  "
            f"{counted.leaked} of others  {counted.seconds:.0f} s"
        )
    return int(by_brand.leaked + by_organisation.leaked > 0)


def made(brands: int, references: int, rng: np.random.Generator, folder: Path) -> tuple[Gallery, NDArray[np.float32]]:
    """A gallery of random vectors, and those, `[B, N, D]`. A reference's id begins with its brand's number."""
    vectors = unit(rng.standard_normal((brands, references, DIM), np.float32))
    shards = [shard_of(number, vectors[number], folder) for number in range(brands)]
    return Gallery(Manifest.of(shards, "store", 1, "random"), shards), vectors


def shard_of(number: int, vectors: NDArray[np.float32], folder: Path) -> MappedShard:
    """One brand's."""
    ids = np.array([f"{number:06d}-{i:06d}" for i in range(len(vectors))], np.str_)
    makings = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    return shard.write(Shard(name_of(number), vectors, ids, ()), makings, folder)


def name_of(number: int) -> str:
    """A brand's id."""
    return f"brand {number:06d}"


def of_brands(gallery: Gallery, vectors: NDArray[np.float32], queries: int, rng: np.random.Generator) -> Counted:
    """Each query restricted to one brand."""
    start, answers, leaked = time.perf_counter(), 0, 0
    for asked, some in drawn(vectors, queries, rng):
        order = np.argsort(asked, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(asked[order])) + 1):
            number = int(asked[group[0]])
            found = gallery.nearest(some[group], NEIGHBOURS, name_of(number))
            named, others = judged(found, {number})
            answers, leaked = answers + named, leaked + others
    return Counted(queries, answers, leaked, time.perf_counter() - start)


def of_organisations(
    gallery: Gallery, vectors: NDArray[np.float32], queries: int, size: int, rng: np.random.Generator
) -> Counted:
    """Each query restricted to the brands of one organisation, drawn anew for every hundred."""
    start, answers, leaked = time.perf_counter(), 0, 0
    for _, some in drawn(vectors, queries, rng):
        for group in np.array_split(some, max(len(some) // 100, 1)):
            own = rng.choice(len(vectors), size, replace=False)
            visible = Visible(gallery, [name_of(number) for number in own])
            named, others = judged(visible.nearest(group, NEIGHBOURS), set(own.tolist()))
            answers, leaked = answers + named, leaked + others
    return Counted(queries, answers, leaked, time.perf_counter() - start)


def drawn(
    vectors: NDArray[np.float32], queries: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Brands asked for `[Q]` and queries `[Q, D]`: anything, and by turns some brand's own vector."""
    for first in range(0, queries, TOGETHER):
        count = min(TOGETHER, queries - first)
        some = unit(rng.standard_normal((count, DIM), np.float32))
        owners, which = rng.integers(len(vectors), size=count), rng.integers(vectors.shape[1], size=count)
        some[::2] = vectors[owners, which][::2]
        yield rng.integers(len(vectors), size=count), some


def judged(found: Neighbours, own: set[int]) -> tuple[int, int]:
    """References named, and how many of them, by label or by id, are of none of one's own brands."""
    pairs = [(b, r) for b, r in zip(found.brand.ravel(), found.reference.ravel(), strict=True) if b or r]
    names = {name_of(number) for number in own}
    return len(pairs), sum(brand not in names or int(reference[:6]) not in own for brand, reference in pairs)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """At length 1 along the last axis."""
    at_one: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return at_one


if __name__ == "__main__":
    sys.exit(main())
