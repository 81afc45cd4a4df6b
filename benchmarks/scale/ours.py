"""Ours: a synthetic gallery loaded as a server loads it, asked, changed, and asked again."""

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale import synthetic
from benchmarks.scale.measured import Found, K, Row, memory_mb, recall, timed
from benchmarks.scale.synthetic import EMBEDDER, Size
from index import recogniser
from index.gallery import Gallery
from index.manifest import SHARDS
from vision.finding.neighbours import nearest_of

_TOGETHER = 200  # brands whose nearest are held at once


@dataclass(frozen=True)
class Exact:
    """The true nearest of each query, over all brands and of its own."""

    everywhere: list[Found]
    scoped: list[Found]


def exact(directory: Path, size: Size, count: int, seed: int) -> Exact:
    """Every vector compared, brand after brand."""
    gallery = Gallery.load(directory, EMBEDDER)
    wanted, brands = synthetic.queries(size, count, seed)
    found = nearest_of([], count, K)
    for start in range(0, len(gallery.brands), _TOGETHER):
        some = gallery.shards[start : start + _TOGETHER]
        found = nearest_of([found, *(shard.nearest(wanted, K) for shard in some)], count, K)
        for shard in some:
            shard.give_back()
    scoped = [gallery.nearest(wanted[i : i + 1], K, brand) for i, brand in enumerate(brands)]
    return Exact([row.tolist() for row in found.reference], [each.reference[0].tolist() for each in scoped])


def serve(directory: Path, size: Size, count: int, seed: int, truth: Exact) -> tuple[Row, float, float]:
    """Load, ask, and let one reference join and one leave: the row, and seconds until each took effect."""
    start = time.perf_counter()
    gallery = Gallery.load(directory, EMBEDDER)
    ready_s = time.perf_counter() - start
    wanted, brands = synthetic.queries(size, count, seed)

    def ask(query: int, brand: str | None = None) -> Found:
        ids: Found = gallery.nearest(wanted[query : query + 1], K, brand).reference[0].tolist()
        return ids

    everywhere, p50, p99 = timed(ask, count)
    scoped, scoped_p50, scoped_p99 = timed(lambda query: ask(query, brands[query]), count)
    foreign = sum(int(each[:8], 16) != int(brands[i][5:]) for i, ids in enumerate(scoped) for each in ids if each)
    memory = memory_mb()
    kind = "flat" if gallery.base is None else gallery.base.census.kind
    name = f"ours, {size.rows:,} of {size.brands:,} brands, {kind}"
    shares = recall(everywhere, truth.everywhere), recall(scoped, truth.scoped)
    row = Row(name, shares[0], p50, p99, shares[1], scoped_p50, scoped_p99, foreign, *memory, ready_s)
    return row, *changed(directory, gallery, size, seed)


def changed(directory: Path, gallery: Gallery, size: Size, seed: int) -> tuple[float, float]:
    """Seconds until one reference more is found, and until it is found no more, from shard to search."""
    more = synthetic.brand(seed, 0, size.each + 1)
    new, seconds = more[-1:], []
    for version, vectors in ((2, more), (3, more[:-1])):
        start = time.perf_counter()
        made = synthetic.write_brand(directory / SHARDS, 0, vectors, version)
        shards = [made, *gallery.shards[1:]]
        synthetic.swap_in(shards, recogniser.fitting(shards, gallery.base, directory), version, directory)
        gallery = Gallery.load(directory, EMBEDDER, gallery)
        found = gallery.nearest(new, 1).reference[0, 0]
        seconds.append(time.perf_counter() - start)
        if (found == f"{0:08x}{size.each:08x}") != (version == 2):
            raise AssertionError(f"a change did not take effect: found {found}")
    return seconds[0], seconds[1]
