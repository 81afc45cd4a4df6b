"""Build: from the store to a gallery, making only the shards whose references changed."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from index import disk
from index.gallery import Gallery
from index.manifest import SHARDS, Manifest
from index.shard import MappedShard, make_room
from index.shard_maker import ShardMaker
from index.store import Snapshot, Store
from vision.embedder import Embedder
from vision.errors import FingerprintMismatch, GalleryAbsent, GalleryDamaged

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a build is."""

    brand: str  # the one just done
    done: int  # references done, made now or found
    total: int


@dataclass(frozen=True)
class BuildReport:
    """What a build did, and what it took."""

    brands: int
    references: int
    reused: int  # brands whose shard was there
    unreadable: tuple[str, ...]  # references left out, each with why
    seconds: dict[str, float]  # by step: read, enrol, embed, write; and total


@dataclass(frozen=True, eq=False)
class Built:
    """A gallery in place on disk, and the report of its making."""

    gallery: Gallery
    report: BuildReport


Watcher = Callable[[Progress], None]


def open_or_build(store: Store, embedder: Embedder, directory: Path, progress: Watcher | None = None) -> Gallery:
    """The gallery in a folder where it holds what the store does; built where absent, damaged, older or another's.

    One that had to leave references out is built again too: they may be mended by now. `Gallery.unreadable` names them.
    """
    try:
        gallery = Gallery.load(directory, embedder.fingerprint)
    except (GalleryAbsent, GalleryDamaged, FingerprintMismatch) as fault:
        _LOG.info("the gallery is built: %s", fault)
        return build(store, embedder, directory, progress)
    is_current = (gallery.manifest.store_id, gallery.store_version) == (store.id, store.version())
    if is_current and not gallery.unreadable:
        return gallery
    return build(store, embedder, directory, progress)


def build(store: Store, embedder: Embedder, directory: Path, progress: Watcher | None = None) -> Gallery:
    """Bring the gallery in a folder up to the store, and give it back."""
    return build_reported(store, embedder, directory, progress).gallery


def build_reported(store: Store, embedder: Embedder, directory: Path, progress: Watcher | None = None) -> Built:
    """`build`, with what it did and took.

    One builds at a time, threads and processes alike, others wait. Galleries loaded before serve on meanwhile.
    """
    folder = directory / SHARDS
    with disk.named(), _alone(directory, folder):
        start = time.perf_counter()
        maker, snapshot = ShardMaker(store, embedder, folder), store.snapshot()
        shards = _shards(maker, snapshot, progress or _unwatched)
        made_by = embedder.fingerprint
        manifest = Manifest.of(shards, snapshot.store_id, snapshot.version, made_by, maker.unreadable)
        gallery = Gallery(manifest, shards)
        manifest.write(directory)
        _sweep(folder, manifest)
        seconds = maker.seconds | {"total": time.perf_counter() - start}
    report = BuildReport(len(shards), len(snapshot.references), maker.reused, tuple(maker.unreadable), seconds)
    return Built(gallery, report)


def _shards(maker: ShardMaker, snapshot: Snapshot, progress: Watcher) -> list[MappedShard]:
    make_room(len({reference.brand for reference in snapshot.references}))
    shards, done = [], 0
    for brand, group in groupby(snapshot.references, key=lambda reference: reference.brand):
        references = tuple(group)
        made = maker.shard(references)
        if made is not None:
            shards.append(made)
        done += len(references)
        progress(Progress(brand, done, len(snapshot.references)))
    return shards


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Remove the files of shards that the manifest does not name."""
    used = {entry.file for entry in manifest.shards}
    for path in folder.iterdir():
        if path.name not in used:
            path.unlink(missing_ok=True)


def _unwatched(progress: Progress) -> None:
    """Nobody looks."""


@contextmanager
def _alone(directory: Path, shards: Path) -> Iterator[None]:
    """Hold the lock of a gallery's folder. It falls with its holder, so a killed build locks nobody out."""
    shards.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
