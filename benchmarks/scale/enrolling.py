"""Enrolling many brands from photos, through the store and the builder that serve, timed step by step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale import small_photos
from benchmarks.scale.measured import memory_mb
from benchmarks.scale.synthetic import name_of
from index.build import GalleryBuilder, Progress
from index.intake import take_in
from index.reference_set import receive
from index.store import Store
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder

_STEPS = ("draw", "decode and look", "store", "build")  # drawing is the benchmark's own
_TOLD_EVERY = 50  # brands


@dataclass(frozen=True)
class Enrolment:
    """What enrolling came to."""

    brands: int
    references: int
    vectors: int
    kind: str  # how all of them are searched
    seconds: dict[str, float]  # by step
    cpu_seconds: dict[str, float]  # of this process
    build_seconds: dict[str, float]  # by step of the build
    peak_mb: float
    store_mb: float  # on disk
    gallery_mb: float


class Clock:
    """Adds up what steps take."""

    def __init__(self) -> None:
        self.seconds, self.cpu_seconds = dict.fromkeys(_STEPS, 0.0), dict.fromkeys(_STEPS, 0.0)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] += time.perf_counter() - wall
        self.cpu_seconds[name] += time.process_time() - cpu


def enrolled(data_dir: Path, brands: int, each: int, seed: int) -> Enrolment:
    """Enrol so many references of so many brands in a data folder, and build the gallery."""
    clock, store, references = Clock(), Store.open(data_dir), 0
    for number in range(brands):
        references += take_in_brand(store, number, each, seed, clock)
    builder = GalleryBuilder(store, OnnxEmbedder(Bundle.open(carried())), data_dir / "gallery")
    with clock.step("build"):
        built = builder.build(tell)
    store.close()
    gallery_mb = size_mb(data_dir / "gallery")
    return Enrolment(
        brands=len(built.gallery.brands),
        references=references,
        vectors=len(built.gallery),
        kind="flat" if built.gallery.base is None else built.gallery.base.census.kind,
        seconds=clock.seconds,
        cpu_seconds=clock.cpu_seconds,
        build_seconds=built.report.seconds,
        peak_mb=memory_mb()[2],
        store_mb=size_mb(data_dir) - gallery_mb,
        gallery_mb=gallery_mb,
    )


def take_in_brand(store: Store, number: int, each: int, seed: int, clock: Clock) -> int:
    """One brand's photos into the store, as one upload; gives how many were kept."""
    with clock.step("draw"):
        photos = list(small_photos.photos(seed, number, each))
    with clock.step("decode and look"):
        uploads = [receive(f"{view}.jpg", data) for view, data in enumerate(photos)]
    with clock.step("store"):
        store.put_brand(name_of(number))
        return take_in(store, name_of(number), uploads).change.count


def tell(progress: Progress) -> None:
    """A line now and then for whoever waits."""
    number = int(progress.brand.removeprefix("brand")) + 1
    if number % _TOLD_EVERY == 0:
        print(f"  {number} brands built, {progress.done:,} of {progress.total:,} references", flush=True)


def size_mb(folder: Path) -> float:
    """Of all files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
