"""The maker of shards: a brand's stored photos become vectors and templates."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import shard
from index.shard import MappedShard, Shard, Shelf
from index.source import Source
from index.store import Reference
from vision import enrolment
from vision.embedder import Embedder
from vision.errors import BlobDamaged, InputRefused
from vision.photo import Photo, PhotoLimits, decode

_LOG = logging.getLogger(__name__)
_EMBEDDED_TOGETHER = 64  # images handed to the embedder at once
_ADMITTED = PhotoLimits(max_bytes=2**40, max_pixels=2**40, min_side_px=1)  # they were judged at the door

Views = list[tuple[str, Photo]]  # reference id, photo at working size


class ShardMaker:
    """Finds or makes the shards of one build, and notes what it took."""

    def __init__(
        self,
        store: Source,
        embedder: Embedder,
        folder: Path,
        opened: Sequence[MappedShard] = (),
        lender: Path | None = None,
    ) -> None:
        self._store, self._embedder, self._folder, self._lender = store, embedder, folder, lender
        self._shelf = Shelf(folder, opened)
        self.made = 0  # shards, others were found
        self.unreadable: list[str] = []  # references left out, each with why
        self.seconds = dict.fromkeys(("read", "enrol", "embed", "write"), 0.0)

    def shard(self, references: Sequence[Reference]) -> MappedShard | None:
        """The shard of one brand's references; None where not one of its photos can be read."""
        found = self._find(references)
        if found is not None:
            return found
        with self._timed("read"):
            readable = [(reference, view) for reference in references if (view := self._view(reference))]
        used, views = [reference for reference, _ in readable], [view for _, view in readable]
        if not used:
            return None
        partly = self._find(used) if len(used) < len(references) else None
        return partly or self._make(used, views)

    def _find(self, references: Sequence[Reference]) -> MappedShard | None:
        makings = self._makings(references)
        return self._shelf.find(makings) or self._borrowed(makings)

    def _borrowed(self, makings: str) -> MappedShard | None:
        """What another gallery's folder has of these makings, copied."""
        found = None if self._others is None else self._others.find(makings)
        return None if found is None else shard.copy(found, self._folder)

    @cached_property
    def _others(self) -> Shelf | None:
        return None if self._lender is None else Shelf(self._lender)

    def _make(self, references: Sequence[Reference], views: Views) -> MappedShard:
        with self._timed("enrol"):
            templates = enrolment.build(views)
        with self._timed("embed"):
            images = [(i, photo.pixels) for i, photo in views] + enrolment.mark_crops(templates, views)
            vectors = self._embed([pixels for _, pixels in images])
        names = np.array([i for i, _ in images], np.str_)
        self.made += 1
        with self._timed("write"):
            made = Shard(references[0].brand, vectors, names, templates)
            return shard.write(made, self._makings(references), self._folder)

    def _makings(self, references: Sequence[Reference]) -> str:
        return shard.digest(references[0].brand, [r.sha256 for r in references], self._embedder.fingerprint)

    def _view(self, reference: Reference) -> tuple[str, Photo] | None:
        """One reference at working size; None, and noted, where its photo is withdrawn by now or damaged."""
        try:
            photo = decode(self._store.blob(reference.sha256), _ADMITTED)
        except (BlobDamaged, InputRefused) as fault:
            _LOG.warning("reference %s of brand %r is left out: %s", reference.id, reference.brand, fault)
            self.unreadable.append(f"{reference.brand}/{reference.id}: {fault}")
            return None
        return reference.id, photo.fit(enrolment.WORKING_SIDE_PX)

    def _embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[M, D]`."""
        starts = range(0, len(images), _EMBEDDED_TOGETHER)
        return np.concatenate([self._embedder.embed(images[s : s + _EMBEDDED_TOGETHER]) for s in starts])

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[step] += time.perf_counter() - start
