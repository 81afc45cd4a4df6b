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
from vision.references import enrolment

SWAPS, BRANDS, ROWS, WIDTH = 1000, 20, 200, 64
EMBEDDER = "layout"


def made(folder: Path, brand: str, seed: int) -> MappedShard:
    """A shard of 50 kB."""
    vectors = np.random.default_rng(seed).normal(size=(ROWS, WIDTH)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    names = np.array([f"{seed:08x}{row:08x}" for row in range(ROWS)])
    return shard.write(Shard(brand, unit, names, ()), f"{seed:032x}", folder)


def resident_mb() -> float:
    """What this process holds in memory, its mapped files included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


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
    assert gallery.manifest.template_version == enrolment.VERSION
    memory, files = zip(*held, strict=True)
    assert max(files) <= min(files) + 2
    assert max(memory[1:]) < memory[0] + 8  # all that was written is 50 MB
