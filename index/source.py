"""What a gallery can be built from: the store, or the part of it that holds negative references."""

from collections.abc import Collection
from typing import Protocol

from index.store import Snapshot


class Source(Protocol):
    """Reference photos at one version after another."""

    @property
    def id(self) -> str:
        """Of the database, so that another's version 7 is not taken for this one's."""
        ...

    def version(self) -> int:
        """Grows with every change."""
        ...

    def snapshot(self) -> Snapshot:
        """All references at one moment, with the version they are."""
        ...

    def changes(self, since: int, also: Collection[str] = ()) -> Snapshot:
        """The same, of the brands that changed after a version, and of those in `also`; or of all."""
        ...

    def blob(self, sha256: str) -> bytes:
        """The bytes of a photo; `BlobDamaged` where absent or altered."""
        ...
