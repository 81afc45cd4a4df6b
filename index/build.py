"""Build: from the store to a gallery, making only the shards whose references changed."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from index import disk, recogniser
from index.gallery import Gallery
from index.manifest import SHARDS, Manifest
from index.shard import MappedShard, make_room
from index.shard_maker import ShardMaker
from index.source import Source
from index.store import Snapshot
from vision.embedder import Embedder
from vision.errors import FingerprintMismatch, GalleryAbsent, GalleryDamaged

_LOG = logging.getLogger(__name__)
_MOST_THREADS = 4  # Python's own lock is held a quarter of the time, so that more would wait for it


@dataclass(frozen=True)
class Progress:
    """How far a build is with the brands that changed."""

    brand: str  # the one just done
    done: int  # references done, made now or found
    total: int


@dataclass(frozen=True)
class BuildReport:
    """What a build did, and what it took."""

    brands: int
    references: int  # of the brands that changed
    reused: int  # brands whose shard was there
    unreadable: tuple[str, ...]  # references left out, each with why
    seconds: dict[str, float]  # by step, of all threads together: read, enrol, embed, write; and total as it passed


@dataclass(frozen=True, eq=False)
class Built:
    """A gallery in place on disk, and the report of its making."""

    gallery: Gallery
    report: BuildReport


Watcher = Callable[[Progress], None]


class GalleryBuilder:
    """Keeps the gallery in a folder up to a store.

    It remembers what it has open, so that a change costs what changed. One builds at a time, threads and processes
    alike, others wait and find it done. Galleries loaded before serve on meanwhile. What another gallery, the
    `lender`, has made is taken from its folder. So many `threads` make a brand's shard each, a few of this process's
    cores where none is said; each holds the photos of its brand.
    """

    def __init__(
        self,
        store: Source,
        embedder: Embedder,
        directory: Path,
        lender: Path | None = None,
        threads: int | None = None,
    ) -> None:
        self._store, self._embedder, self._directory = store, embedder, directory
        self._lender = None if lender is None else lender / SHARDS
        self._threads = threads or min(_MOST_THREADS, len(os.sched_getaffinity(0)))
        self._last: Gallery | None = None

    def current(self, progress: Watcher | None = None) -> Gallery:
        """The gallery where it holds what the store does; built where absent, damaged, older or another's.

        One that had to leave references out is built again too: they may be mended by now. `Gallery.unreadable` names
        them.
        """
        found = self._found()
        if found is not None and is_current(found, self._store):
            return found
        return self.build(progress, only_if_behind=True).gallery

    def open(self) -> None:
        """Open what is there, so that the next build costs what changed."""
        self._found()

    def distrust(self) -> None:
        """Check every file anew, and make again what is damaged."""
        self._last = None

    def build(self, progress: Watcher | None = None, only_if_behind: bool = False) -> Built:
        """Bring the gallery up to the store, and say what it took."""
        folder, start = self._directory / SHARDS, time.perf_counter()
        with disk.named(), _alone(self._directory, folder):
            before = self._found()
            opened = () if before is None else before.shards
            maker = ShardMaker(self._store, self._embedder, folder, opened, self._lender)
            if before is not None and only_if_behind and is_current(before, self._store):  # somebody else was first
                return Built(before, _report(before, maker, 0, start))
            snapshot = self._changes(before)
            shards = _shards(maker, snapshot, before, progress or _unwatched, self._threads)
            base = recogniser.fitting(shards, None if before is None else before.base, self._directory)
            made_by, name = self._embedder.fingerprint, None if base is None else base.name
            manifest = Manifest.of(shards, snapshot.store_id, snapshot.version, made_by, sorted(maker.unreadable), name)
            gallery = Gallery(manifest, shards, base)
            manifest.write(self._directory)
            _sweep(folder, manifest)
            recogniser.sweep(self._directory, base)
        self._last = gallery
        return Built(gallery, _report(gallery, maker, len(snapshot.references), start))

    def _found(self) -> Gallery | None:
        """The gallery that is there, if it is whole and of this store and embedder."""
        try:
            gallery = Gallery.load(self._directory, self._embedder.fingerprint, self._last)
        except (GalleryAbsent, GalleryDamaged, FingerprintMismatch) as fault:
            _LOG.info("the gallery is built: %s", fault)
            return None
        self._last = gallery if gallery.manifest.store_id == self._store.id else None
        return self._last

    def _changes(self, before: Gallery | None) -> Snapshot:
        """What the store holds of the brands that a gallery does not have as they are."""
        if before is None or before.store_version > self._store.version():
            return self._store.snapshot()
        again = {line.partition("/")[0] for line in before.unreadable}
        return self._store.changes(before.store_version, again)


def is_current(gallery: Gallery, store: Source) -> bool:
    """Whether a gallery holds all that the store does. One that had to leave references out does not."""
    mine = gallery.manifest.store_id == store.id
    return mine and gallery.store_version == store.version() and not gallery.unreadable


def open_or_build(store: Source, embedder: Embedder, directory: Path, progress: Watcher | None = None) -> Gallery:
    """The gallery in a folder as `GalleryBuilder.current` gives it."""
    return GalleryBuilder(store, embedder, directory).current(progress)


def build(store: Source, embedder: Embedder, directory: Path, progress: Watcher | None = None) -> Gallery:
    """Bring the gallery in a folder up to the store, and give it back."""
    return build_reported(store, embedder, directory, progress).gallery


def build_reported(store: Source, embedder: Embedder, directory: Path, progress: Watcher | None = None) -> Built:
    """`build`, with what it did and took."""
    return GalleryBuilder(store, embedder, directory).build(progress)


def _report(gallery: Gallery, maker: ShardMaker, references: int, start: float) -> BuildReport:
    brands, seconds = len(gallery.brands), maker.seconds | {"total": time.perf_counter() - start}
    return BuildReport(brands, references, brands - maker.made, gallery.unreadable, seconds)


def _shards(
    maker: ShardMaker, snapshot: Snapshot, before: Gallery | None, progress: Watcher, threads: int
) -> list[MappedShard]:
    """The shards of all brands, by brand: those before that did not change, and those of the snapshot."""
    changed = snapshot.changed
    kept = () if changed is None or before is None else before.shards
    shards = {shard.brand: shard for shard in kept if changed is not None and shard.brand not in changed}
    groups = [tuple(group) for _, group in groupby(snapshot.references, key=lambda reference: reference.brand)]
    make_room(len(shards) + len(groups))
    done = 0
    with ThreadPoolExecutor(threads, "shard") as pool:
        for references, made in zip(groups, pool.map(maker.shard, groups), strict=True):
            brand = references[0].brand
            if made is not None:
                shards[brand] = made
            done += len(references)
            progress(Progress(brand, done, len(snapshot.references)))
    return [shards[brand] for brand in sorted(shards)]


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
    """Hold the lock of a gallery's folder, made where it is not there."""
    shards.mkdir(parents=True, exist_ok=True)
    lock = directory / ".lock"
    lock.touch()
    with disk.alone(lock):
        yield
