"""The maker of shards: a brand's stored photos become vectors and templates."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index import shard
from index.shard import MappedShard, Shard
from index.shelf import Shelf
from index.source import Source
from index.store import Reference
from vision.embedder import Embedder
from vision.errors import BlobDamaged, InputRefused
from vision.photo import Photo, PhotoLimits, decode
from vision.references import enrolment
from vision.references.enrolment import Enrolled
from vision.references.extension import LEAST, extend

_LOG = logging.getLogger(__name__)
_EMBEDDED_TOGETHER = 64  # images handed to the embedder at once
_ADMITTED = PhotoLimits(max_bytes=2**40, max_pixels=2**40, min_side_px=1)  # they were judged at the door

Views = list[tuple[str, Photo]]  # reference id, photo at working size
Image = tuple[bool, str]  # whether it is of the mark in its frame or the whole photo, and the reference's id
Vectors = dict[Image, NDArray[np.float32]]


class ShardMaker:
    """Finds or makes the shards of one build, and notes what it took. Several threads may make one each."""

    def __init__(
        self,
        store: Source,
        embedder: Embedder,
        folder: Path,
        opened: Sequence[MappedShard] = (),
        lender: Path | None = None,
    ) -> None:
        self._store, self._embedder, self._folder, self._lender = store, embedder, folder, lender
        self._shelf, self._opened = Shelf(folder, opened), {each.brand: each for each in opened}
        self.made = 0  # shards, others were found
        self.unreadable: list[str] = []  # references left out, each with why
        self.seconds = dict.fromkeys(("read", "enrol", "embed", "write"), 0.0)  # of all threads together
        self._noting = Lock()

    def shard(self, references: Sequence[Reference]) -> MappedShard | None:
        """The shard of one brand's references; None where not one of its photos can be read."""
        return self._find(references) or self._grown(references) or self._anew(references)

    def _anew(self, references: Sequence[Reference]) -> MappedShard | None:
        with self._timed("read"):
            readable = [(reference, view) for reference in references if (view := self._view(reference))]
        used, views = [reference for reference, _ in readable], [view for _, view in readable]
        if not used:
            return None
        partly = self._find(used) if len(used) < len(references) else None
        return partly or self._make(used, views)

    def _grown(self, references: Sequence[Reference]) -> MappedShard | None:
        """The shard out of that before, where all that happened since is that references joined."""
        before = self._opened.get(references[0].brand)
        known = 0 if before is None else len(np.unique(before.references))
        if before is None or not LEAST <= known < len(references):
            return None
        enrolled, makings = before.enrolled(), self._makings(references[:known])
        if makings != shard.digest_in(before.file) or not enrolled.groups:
            return None
        at = {reference.id: reference for reference in references}
        try:
            with self._timed("read"):
                more = [(reference.id, self._photo(reference)) for reference in references[known:]]
            with self._timed("enrol"):
                now = extend(enrolled, more, lambda reference_id: self._photo(at[reference_id]))
        except (BlobDamaged, InputRefused):
            return None  # told where all are read
        return self._write(references, now, more, _kept(before, enrolled, now))

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
            enrolled = enrolment.enrol(views)
        return self._write(references, enrolled, views)

    def _write(
        self, references: Sequence[Reference], enrolled: Enrolled, photos: Views, kept: Vectors | None = None
    ) -> MappedShard:
        """Embed whole photos and marks, but those whose vectors are kept, and write the shard."""
        pixels = {(False, i): photo.pixels for i, photo in photos}
        pixels |= {(True, i): crop for i, crop in enrolment.mark_crops(enrolled.templates)}
        images: list[Image] = [(False, reference.id) for reference in references]
        images += [(True, i) for template in enrolled.templates for i in template.reference_ids]
        found = dict(kept or {})
        with self._timed("embed"):
            missing = [image for image in images if image not in found]
            found |= zip(missing, self._embed([pixels[image] for image in missing]), strict=True)
        with self._noting:
            self.made += 1
        with self._timed("write"):
            vectors, names = np.stack([found[image] for image in images]), np.array([i for _, i in images], np.str_)
            made = Shard(references[0].brand, vectors, names, enrolled.templates, enrolled.groups)
            return shard.write(made, self._makings(references), self._folder)

    def _makings(self, references: Sequence[Reference]) -> str:
        return shard.digest(references[0].brand, [r.sha256 for r in references], self._embedder.fingerprint)

    def _view(self, reference: Reference) -> tuple[str, Photo] | None:
        """One reference at working size; None, and noted, where its photo is withdrawn by now or damaged."""
        try:
            return reference.id, self._photo(reference)
        except (BlobDamaged, InputRefused) as fault:
            _LOG.warning("reference %s of brand %r is left out: %s", reference.id, reference.brand, fault)
            self.unreadable.append(f"{reference.brand}/{reference.id}: {fault}")
            return None

    def _photo(self, reference: Reference) -> Photo:
        return decode(self._store.blob(reference.sha256), _ADMITTED).fit(enrolment.WORKING_SIDE_PX)

    def _embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[M, D]`."""
        starts = range(0, len(images), _EMBEDDED_TOGETHER)
        return np.concatenate([self._embedder.embed(images[s : s + _EMBEDDED_TOGETHER]) for s in starts])

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        with self._noting:
            self.seconds[step] += time.perf_counter() - start


def _kept(before: MappedShard, then: Enrolled, now: Enrolled) -> Vectors:
    """The vectors that a brand's next shard has too: of all photos, and of the marks of templates that stay."""
    rows = zip(before.references.astype(str).tolist(), before.vectors, strict=True)
    photos = len(before.references) - sum(map(len, then.templates))
    kept: Vectors = {(False, reference_id): vector for reference_id, vector in islice(rows, photos)}
    for template in then.templates:
        marks = {(True, reference_id): vector for reference_id, vector in islice(rows, len(template))}
        if any(template is each for each in now.templates):
            kept |= marks
    return kept
