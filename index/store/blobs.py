"""Blobs: bytes kept under their sha256, durable before anything refers to them. What a place for them has to do."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from vision.errors import BlobDamaged, ConfigurationError


class Blobs(Protocol):
    """A place for blobs. Content-addressed: writing the same bytes twice is writing them once. Thread safe.

    Errors of each: `StoreUnavailable`, `StorageFull`, `StorageReadOnly`.
    """

    def put_all(self, items: Iterable[tuple[str, bytes]]) -> None:
        """Write `(sha256, bytes)` pairs, all durable when this returns. The digests are the caller's, and trusted."""
        ...

    def read(self, sha256: str) -> bytes:
        """The bytes, checked against their name; `BlobDamaged` where absent or altered."""
        ...

    def erase(self, sha256: str) -> None:
        """Remove a blob for good; absent ones are fine."""
        ...

    def all(self) -> Iterator[str]:
        """The sha256 of every blob."""
        ...

    def sweep_unfinished(self) -> None:
        """Remove what a writer began and, long since dead, will not finish."""
        ...


def open_blobs(url: str | None, folder: Path) -> Blobs:
    """The blobs at `s3://bucket/prefix`, or in a folder where there is no URL; `ConfigurationError`."""
    if url is None:
        from index.store.folder_blobs import FolderBlobs

        return FolderBlobs(folder)
    if not url.startswith("s3://"):
        raise ConfigurationError(f"blobs cannot be kept at {url.partition(':')[0]!r}; use s3://bucket/prefix")
    from index.store.bucket_blobs import BucketBlobs

    return BucketBlobs(url)


def name_of(data: bytes) -> str:
    """The sha256 that bytes go by."""
    return hashlib.sha256(data).hexdigest()


def checked(sha256: str, data: bytes | None, where: object) -> bytes:
    """The bytes if they are those of this name, else `BlobDamaged`."""
    if data is not None and name_of(data) == sha256:
        return data
    damaged = BlobDamaged(
        f"blob {sha256} is {'absent' if data is None else 'altered'}; restore it, or upload the photo again"
    )
    damaged.add_note(f"in {where}")
    raise damaged
