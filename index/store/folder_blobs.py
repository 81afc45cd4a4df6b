"""Blobs as files of a folder."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from index import disk, wholefile
from index.store.blobs import checked

_TEMPORARY_MAX_AGE_S = 3600.0  # a half-written file this old has no writer any more


class FolderBlobs:
    """Blobs under `root/ab/<sha256>`."""

    @disk.named()
    def __init__(self, root: Path) -> None:
        self._root = root
        for number in range(256):
            (root / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        wholefile.sync_folder(root)

    @disk.named()
    def put_all(self, items: Iterable[tuple[str, bytes]]) -> None:
        """Write files whole, and sync each and its folder. One that is there and altered is written anew."""
        folders = set()
        for sha256, data in items:
            path = self._path(sha256)
            folders.add(path.parent)
            if not _holds(path, data):
                wholefile.write_unsynced(path, data)
        for folder in folders:  # also where the file was there: another may just have renamed it
            wholefile.sync_folder(folder)

    @disk.named()
    def read(self, sha256: str) -> bytes:
        """The bytes, checked against their name; `BlobDamaged` where absent or altered."""
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            data = None
        return checked(sha256, data, self._root)

    @disk.named()
    def erase(self, sha256: str) -> None:
        """Remove a blob for good; absent ones are fine."""
        path = self._path(sha256)
        if path.exists():
            path.unlink(missing_ok=True)
            wholefile.sync_folder(path.parent)

    def all(self) -> Iterator[str]:
        """The sha256 of every blob."""
        return (path.name for path in self._root.glob("??/*") if not path.name.startswith("."))

    @disk.named()
    def sweep_unfinished(self) -> None:
        """Remove files that a writer began and, long since dead, will not finish."""
        for path in self._root.glob("??/.*"):
            if time.time() - path.stat().st_mtime > _TEMPORARY_MAX_AGE_S:
                path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False
