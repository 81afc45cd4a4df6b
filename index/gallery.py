"""The gallery: an immutable, searchable snapshot of all references, derived from the store."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.knn import FlatIndex, KnnIndex
from index.manifest import SHARDS, Manifest
from index.shard import MappedShard, checksum_in, digest_in, make_room
from vision.errors import BrandUnknown, GalleryDamaged
from vision.neighbours import Neighbours
from vision.template import Template

_CACHED_REFERENCES = 384  # in templates kept in memory, the latest used: 0.65 to 1.25 MB each, 0.48 GB at the most
_LOAD_ATTEMPTS = 5


class Gallery:
    """Implements `vision.recognition.References`. Safe to share between threads.

    One flat index a brand makes a brand's search exact; one over all recognises. Shards stay mapped, so a gallery
    serves on while a newer one takes its place on disk, and is gone with its last user.
    """

    def __init__(self, manifest: Manifest, shards: Sequence[MappedShard]) -> None:
        self.manifest = manifest
        self._shards = {shard.brand: shard for shard in shards}
        parts = [(shard.brand, *shard.search_part()) for shard in shards]
        self._first_row = dict(zip(self._shards, _starts([len(ids) for _, _, ids in parts]), strict=True))
        self._by_brand: dict[str, KnnIndex] = {brand: FlatIndex(vectors) for brand, vectors, _ in parts}
        self._all: KnnIndex = FlatIndex(_stacked([vectors for _, vectors, _ in parts]))
        self._reference = _labels([reference for _, _, ids in parts for reference in ids.tolist()])
        self._brand = _labels([brand for brand, _, ids in parts for _ in ids])
        self._templates: OrderedDict[str, tuple[Template, ...]] = OrderedDict()
        self._templates_lock = Lock()

    @classmethod
    def load(cls, directory: Path, embedder_fingerprint: str) -> Self:
        """The gallery in a folder, every shard checked.

        Errors: `GalleryAbsent`, `GalleryDamaged`, `FingerprintMismatch`.
        """
        manifest = Manifest.read(directory)
        for _ in range(_LOAD_ATTEMPTS):
            manifest.require(embedder_fingerprint)
            try:
                return cls(manifest, _open_shards(manifest, directory))
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
        return len(self._all)

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest reference vectors of each query `[Q, D]`, of one brand or of all; `BrandUnknown`.

        A reference has several vectors, so it may come more than once.
        """
        if brand is not None:
            self._require(brand)
        index = self._all if brand is None else self._by_brand[brand]
        hits = index.search(queries, k)
        first = 0 if brand is None else self._first_row[brand]
        row = np.where(hits.row < 0, -1, hits.row + first)  # [Q, K]; -1 is the empty label at the end
        return Neighbours(hits.distance, self._reference[row], self._brand[row])

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


def _open_shards(manifest: Manifest, directory: Path) -> list[MappedShard]:
    make_room(len(manifest.shards))
    shards = [MappedShard.open(directory / SHARDS / entry.file) for entry in manifest.shards]
    for entry, shard in zip(manifest.shards, shards, strict=True):
        if (entry.brand, entry.rows, entry.sha256) != (shard.brand, shard.rows, checksum_in(shard.file)):
            raise GalleryDamaged(f"shard {entry.file} is not what its manifest says; build the gallery again")
    return shards


def _starts(lengths: Sequence[int]) -> list[int]:
    """Where each run of `lengths` begins when they follow one another."""
    return [int(end) - length for end, length in zip(np.cumsum(lengths), lengths, strict=True)]


def _stacked(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate(vectors) if vectors else np.zeros((0, 1), np.float32)


def _labels(names: Sequence[str]) -> NDArray[np.object_]:
    """Labels `[N + 1]`; the last, at -1, is empty."""
    return np.array([*names, ""], np.object_)
