"""The gallery: an immutable, searchable snapshot of all references, derived from the store."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.manifest import SHARDS, Manifest
from index.recogniser import Base, Recogniser
from index.shard import MappedShard, checksum_in, digest_in, make_room
from vision.errors import BrandUnknown, GalleryDamaged
from vision.finding.inverted import InvertedFile
from vision.finding.neighbours import Neighbours
from vision.geometry import codebook
from vision.geometry.codebook import Codewords
from vision.template import Template

_CACHED_REFERENCES = 384  # in templates kept in memory, the latest used: 0.65 to 1.25 MB each, 0.48 GB at the most
_LOAD_ATTEMPTS = 5


class Gallery:
    """Implements `vision.recognition.References`. Safe to share between threads.

    A brand's search is exact, over its own shard; the recogniser searches all. Shards stay mapped, so a gallery serves
    on while a newer one takes its place on disk; what no gallery in use holds is given back.
    """

    def __init__(self, manifest: Manifest, shards: Sequence[MappedShard], base: Base | None = None) -> None:
        self.manifest, self.base = manifest, base
        self._shards = {shard.brand: shard for shard in shards}
        self._recogniser = Recogniser(shards, base)
        self._inverted: InvertedFile | None = None
        self._inverted_lock = Lock()
        self._templates: OrderedDict[str, tuple[Template, ...]] = OrderedDict()
        self._templates_lock = Lock()

    @classmethod
    def load(cls, directory: Path, embedder_fingerprint: str, before: Self | None = None) -> Self:
        """The gallery in a folder; every file checked, but those that the gallery `before` has open already.

        Errors: `GalleryAbsent`, `GalleryDamaged`, `FingerprintMismatch`.
        """
        manifest = Manifest.read(directory)
        for _ in range(_LOAD_ATTEMPTS):
            manifest.require(embedder_fingerprint)
            if before is not None and before.manifest == manifest:
                return before
            try:
                return cls(manifest, _open_shards(manifest, directory, before), _open_base(manifest, directory, before))
            except GalleryDamaged:
                read, manifest = manifest, Manifest.read(directory)
                if manifest == read:  # else it was swapped, and its old shards swept, under our reading
                    raise
        raise GalleryDamaged(f"the gallery in {directory} is replaced faster than it can be read; try again")

    @property
    def version(self) -> str:
        """Identity: digest of the references, the embedder and the code it was made from."""
        return self.manifest.version

    @property
    def store_version(self) -> int:
        """Every change of the store up to this one is in."""
        return self.manifest.store_version

    @property
    def embedder(self) -> str:
        """Fingerprint of the embedder that made the vectors."""
        return self.manifest.embedder

    @property
    def brands(self) -> tuple[str, ...]:
        """Brand ids with at least one reference, sorted."""
        return tuple(self._shards)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """References that could not be read when it was built and so are left out, each with why."""
        return self.manifest.unreadable

    def made_from(self, brand: str) -> str:
        """Names a brand's references, and the embedder and code that enrolled them; `BrandUnknown`."""
        self._require(brand)
        return digest_in(self._shards[brand].file)

    def __len__(self) -> int:
        """Vectors held."""
        return sum(shard.rows for shard in self._shards.values())

    def vectors_of(self, brand: str) -> int:
        """How many vectors of a brand there are; none of one that is not here."""
        return self._shards[brand].rows if brand in self._shards else 0

    @property
    def shards(self) -> tuple[MappedShard, ...]:
        """Of each brand, by brand."""
        return tuple(self._shards.values())

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest reference vectors of each query `[Q, D]`, of one brand or of all; `BrandUnknown`.

        A reference has several vectors, so it may come more than once.
        """
        if brand is None:
            return self._recogniser.nearest(queries, k)
        self._require(brand)
        return self._shards[brand].nearest(queries, k)

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords give each brand, most first. The first who asks fills the inverted file."""
        with self._inverted_lock:
            if self._inverted is None:
                entered = {brand: shard.codewords() for brand, shard in self._shards.items()}
                self._inverted = InvertedFile.of(entered, codebook.carried())
        return self._inverted.votes(asked)

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates, read when first asked for; `BrandUnknown`."""
        self._require(brand)
        with self._templates_lock:
            if brand in self._templates:
                self._templates.move_to_end(brand)
                return self._templates[brand]
        templates = self._shards[brand].templates()
        with self._templates_lock:
            self._templates[brand] = templates
            while len(self._templates) > 1 and self._held() > _CACHED_REFERENCES:
                self._templates.popitem(last=False)
        return templates

    def _held(self) -> int:
        """References in the templates that are in memory."""
        return sum(len(template) for templates in self._templates.values() for template in templates)

    def _require(self, brand: str) -> None:
        if brand not in self._shards:
            raise BrandUnknown(f"brand {brand!r} has no references in gallery {self.version}; enrol some first")


def _open_shards(manifest: Manifest, directory: Path, before: Gallery | None) -> list[MappedShard]:
    make_room(len(manifest.shards))
    known = {} if before is None else {shard.file: shard for shard in before.shards}
    folder = directory / SHARDS
    shards = [known.get(entry.file) or MappedShard.open(folder / entry.file) for entry in manifest.shards]
    for entry, shard in zip(manifest.shards, shards, strict=True):
        if (entry.brand, entry.rows, entry.sha256) != (shard.brand, shard.rows, checksum_in(shard.file)):
            raise GalleryDamaged(f"shard {entry.file} is not what its manifest says; build the gallery again")
    return shards


def _open_base(manifest: Manifest, directory: Path, before: Gallery | None) -> Base | None:
    if manifest.recogniser is None:
        return None
    known = None if before is None else before.base
    return (
        known if known is not None and known.name == manifest.recogniser else Base.open(manifest.recogniser, directory)
    )
