"""Image bytes as files named by their sha256, durable before anything refers to them."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from index import wholefile
from vision.errors import BlobDamaged

_TEMPORARY_MAX_AGE_S = 3600.0  # a half-written file this old has no writer any more


class Blobs:
    """Blobs under `root/ab/<sha256>`. Content-addressed: writing the same bytes twice is writing them once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        for number in range(256):
            (root / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        wholefile.sync_folder(root)

    @staticmethod
    def name_of(data: bytes) -> str:
        """The sha256 that bytes go by."""
        return hashlib.sha256(data).hexdigest()

    def put(self, data: bytes) -> str:
        """Write bytes; they survive a power cut once this returns. Gives their sha256."""
        sha256 = self.name_of(data)
        self.put_all([(sha256, data)])
        return sha256

    def put_all(self, items: Iterable[tuple[str, bytes]]) -> None:
        """Write `(sha256, bytes)` pairs, all durable when this returns. The digests are the caller's, and trusted."""
        folders = set()
        for sha256, data in items:
            path = self._path(sha256)
            folders.add(path.parent)
            if not path.exists():
                wholefile.write_unsynced(path, data)
        for folder in folders:  # also where the file was there: another may just have renamed it
            wholefile.sync_folder(folder)

    def read(self, sha256: str) -> bytes:
        """The bytes, checked against their name; `BlobDamaged` where absent or altered."""
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise BlobDamaged(
                f"blob {sha256} is absent from {self._root}; restore it or upload the photo again"
            ) from None
        if self.name_of(data) != sha256:
            raise BlobDamaged(f"blob {sha256} in {self._root} is altered; restore it or upload the photo again")
        return data

    def erase(self, sha256: str) -> None:
        """Remove a blob for good; absent ones are fine."""
        path = self._path(sha256)
        if path.exists():
            path.unlink(missing_ok=True)
            wholefile.sync_folder(path.parent)

    def all(self) -> Iterator[str]:
        """The sha256 of every blob."""
        return (path.name for path in self._root.glob("??/*") if not path.name.startswith("."))

    def sweep_unfinished(self) -> None:
        """Remove files that a writer began and, long since dead, will not finish."""
        for path in self._root.glob("??/.*"):
            if time.time() - path.stat().st_mtime > _TEMPORARY_MAX_AGE_S:
                path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256
