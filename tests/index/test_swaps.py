"""A thousand galleries, each in place of the one before: memory and open files stay where they were."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest

from index import shard
from index.gallery import Gallery
from index.manifest import SHARDS, Manifest
from index.shard import MappedShard, Shard

SWAPS, BRANDS, ROWS, WIDTH = 1000, 20, 200, 64
EMBEDDER = "layout"


def made(folder: Path, brand: str, seed: int, rows: int = ROWS) -> MappedShard:
    """A shard, of 50 kB unless it is to have more rows."""
    vectors = np.random.default_rng(seed).normal(size=(rows, WIDTH)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    names = np.array([f"{seed:08x}{row:08x}" for row in range(rows)])
    return shard.write(Shard(brand, unit, names, ()), f"{seed:032x}", folder)


def resident_mb() -> float:
    """What this process holds in memory, its mapped files included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def mapped_kb(name: str) -> int:
    """What this process holds in memory of a mapped file."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    at = next(place for place, line in enumerate(lines) if line.endswith(name))
    return next(int(line.split()[1]) for line in lines[at:] if line.startswith("Rss:"))


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="no /proc here")
def test_a_shard_that_is_opened_is_in_memory_where_it_is_looked_at(tmp_path: Path) -> None:
    large = made(tmp_path, "acme", 1, rows=20_000)  # 5 MB; ten thousand of them would be all of a machine's
    assert mapped_kb(large.file) == 0
    assert large.name(7) == f"{1:08x}{7:08x}"
    assert mapped_kb(large.file) > 0
    large.give_back()
    assert mapped_kb(large.file) == 0
    assert len(large.codewords()) == 0
    assert mapped_kb(large.file) == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_memory_is_flat_over_a_thousand_swaps(tmp_path: Path) -> None:
    folder = tmp_path / SHARDS
    folder.mkdir()
    shards = {f"brand{i:02}": made(folder, f"brand{i:02}", i) for i in range(BRANDS)}
    gallery: Gallery | None = None
    held: list[tuple[float, int]] = []
    for swap in range(SWAPS):
        brand = f"brand{swap % BRANDS:02}"
        old = shards[brand].file
        shards[brand] = made(folder, brand, BRANDS + swap)
        (folder / old).unlink()
        Manifest.of(list(shards.values()), "store", swap, EMBEDDER).write(tmp_path)
        gallery = Gallery.load(tmp_path, EMBEDDER, gallery)
        gallery.nearest(shards[brand].vectors[:2], 5)
        gallery.nearest(shards[brand].vectors[:2], 5, brand)
        if swap % 100 == 99:
            gc.collect()
            held.append((resident_mb(), open_files()))
    assert gallery is not None
    assert gallery.manifest.template_version == shard.templates_version()
    memory, files = zip(*held, strict=True)
    assert max(files) <= min(files) + 2
    assert max(memory[1:]) < memory[0] + 8  # all that was written is 50 MB
