"""Enrolling many brands from photos, through the store and the builder that serve, timed step by step.

Some brands are taken in and built at a time, as they would come. A run that is cut goes on where it was: what is in
the store is not taken in again, and shards that are on disk are found by the builder.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.scale import small_photos
from benchmarks.scale.spent import Spent
from benchmarks.scale.synthetic import name_of
from index.build import GalleryBuilder, Progress
from index.gallery import Gallery
from index.intake import take_in
from index.reference_set import receive
from index.store import Store
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder

STEPS = ("draw", "decode and look", "store", "build", "finish")  # drawing is the benchmark's own
BUILD_STEPS = ("read", "enrol", "embed", "write")
_LEDGER = "spent.jsonl"


@dataclass(frozen=True)
class Enrolment:
    """What enrolling came to so far."""

    brands: int
    references: int
    vectors: int
    kind: str  # how all of them are searched
    seconds: dict[str, float]  # by step
    cpu_seconds: dict[str, float]  # of this process
    peak_mb: float
    store_mb: float  # on disk
    gallery_mb: float


def enrolled(data_dir: Path, brands: int, each: int, seed: int, together: int, threads: int) -> Iterator[Enrolment]:
    """Enrol so many references of so many brands in a data folder, and say after some brands what it came to."""
    spent, store = Spent(data_dir / _LEDGER), Store.open(data_dir)
    builder = GalleryBuilder(store, OnnxEmbedder(Bundle.open(carried())), data_dir / "gallery", threads=threads)
    for start in range(0, brands, together):
        some = range(start, min(start + together, brands))
        for number in some:
            if not spent.told("store", name_of(number)):
                take_in_brand(store, number, each, seed, spent)
        yield summed(built(builder, spent, name_of(some[-1])), spent, data_dir)
    store.close()


def take_in_brand(store: Store, number: int, each: int, seed: int, spent: Spent) -> None:
    """One brand's photos into the store, as one upload."""
    name = name_of(number)
    with spent.step("draw", name):
        photos = list(small_photos.photos(seed, number, each))
    with spent.step("decode and look", name):
        uploads = [receive(f"{view}.jpg", data) for view, data in enumerate(photos)]
    with spent.step("store", name):
        store.put_brand(name)
        take_in(store, name, uploads)


def built(builder: GalleryBuilder, spent: Spent, last: str) -> Gallery:
    """The gallery of what the store holds; what each brand cost, and what came after the last, are kept."""
    wall, cpu = time.perf_counter(), time.process_time()

    def passed(step: str, of: str) -> None:
        nonlocal wall, cpu
        now, used = time.perf_counter(), time.process_time()
        spent.add(step, of, now - wall, used - cpu)
        wall, cpu = now, used

    def tell(progress: Progress) -> None:
        passed("build", progress.brand)

    done = builder.build(tell)
    passed("finish", last)
    for step in BUILD_STEPS:
        spent.add(step, last, done.report.seconds[step])
    return done.gallery


def summed(gallery: Gallery, spent: Spent, data_dir: Path) -> Enrolment:
    """All that was enrolled until now."""
    gallery_mb = size_mb(data_dir / "gallery")
    return Enrolment(
        brands=len(gallery.brands),
        references=sum(len(np.unique(shard.references)) for shard in gallery.shards),
        vectors=len(gallery),
        kind="flat" if gallery.base is None else gallery.base.census.kind,
        seconds={step: spent.seconds(step) for step in (*STEPS, *BUILD_STEPS)},
        cpu_seconds={step: spent.cpu_seconds(step) for step in STEPS},
        peak_mb=spent.peak_mb,
        store_mb=size_mb(data_dir) - gallery_mb,
        gallery_mb=gallery_mb,
    )


def size_mb(folder: Path) -> float:
    """Of all files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
