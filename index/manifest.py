"""The manifest: one small file that says what a gallery is. Replacing it swaps the gallery whole."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index import shard, wholefile
from index.shard import MappedShard
from vision.errors import FingerprintMismatch, GalleryAbsent, GalleryDamaged

FILE = "gallery.json"
SHARDS = "shards"  # folder of the shards' files


class ShardEntry(BaseModel):
    """One shard of a gallery."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    brand: str
    file: str = Field(pattern=r"^[0-9a-f]{32}\.[0-9a-f]{64}\.shard$")  # what it is made from, its sha256
    sha256: str
    rows: int  # vectors


class Manifest(BaseModel):
    """What a gallery holds, and what made it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[2] = 2
    version: str  # digest of what the shards are made from: equal references, embedder and code give an equal version
    store_id: str
    store_version: int  # every change up to this one is in
    embedder: str  # fingerprint
    template_version: str
    shards: tuple[ShardEntry, ...]  # by brand
    recogniser: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")  # the base that searches all; None for few
    unreadable: tuple[str, ...] = ()  # references left out, each with why

    @classmethod
    def of(
        cls,
        shards: Sequence[MappedShard],
        store_id: str,
        store_version: int,
        embedder: str,
        unreadable: Sequence[str] = (),
        recogniser: str | None = None,
    ) -> Self:
        """The manifest of these shards."""
        return cls(
            version=_version_of([s.file for s in shards]),
            store_id=store_id,
            store_version=store_version,
            embedder=embedder,
            template_version=shard.templates_version(),
            recogniser=recogniser,
            unreadable=tuple(unreadable),
            shards=tuple(
                ShardEntry(brand=s.brand, file=s.file, sha256=shard.checksum_in(s.file), rows=s.rows) for s in shards
            ),
        )

    @classmethod
    def read(cls, directory: Path) -> Self:
        """The manifest in a folder; `GalleryAbsent`, `GalleryDamaged`."""
        try:
            manifest = cls.model_validate_json((directory / FILE).read_bytes())
        except FileNotFoundError:
            raise GalleryAbsent(f"{directory} holds no gallery; build one, as `touchstone enroll` does") from None
        except (OSError, ValidationError) as fault:
            raise GalleryDamaged(f"the manifest {directory / FILE} cannot be read: {fault}; build it again") from fault
        if manifest.version != _version_of([entry.file for entry in manifest.shards]):
            raise GalleryDamaged(f"the manifest {directory / FILE} does not match its version; build it again")
        return manifest

    def write(self, directory: Path) -> None:
        """Put this manifest in place of the folder's, at once and durably."""
        wholefile.write(directory / FILE, self.model_dump_json(indent=1).encode())

    def require(self, embedder: str) -> None:
        """Raise `FingerprintMismatch` where another embedder or other code made the gallery."""
        made_by, wanted = (self.embedder, self.template_version), (embedder, shard.templates_version())
        if made_by != wanted:
            raise FingerprintMismatch(
                f"the gallery was made by embedder {made_by[0]} with templates of version {made_by[1]}, "
                f"here are embedder {wanted[0]} and version {wanted[1]}; build it again from the store, "
                "as `touchstone enroll` and `touchstone serve` do"
            )


def _version_of(files: Sequence[str]) -> str:
    made_from = "\n".join(shard.digest_in(file) for file in files)
    return hashlib.sha256(made_from.encode()).hexdigest()[:16]
