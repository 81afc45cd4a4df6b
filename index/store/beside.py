"""References that the store keeps beside the sets: few enough that a gallery of them is always made from all."""

from abc import ABC, abstractmethod
from collections.abc import Collection

from sqlalchemy import select

from index.store import rows
from index.store.blobs import Blobs
from index.store.database import Database
from index.store.records import Snapshot
from index.store.tables import state


class Beside(ABC):
    """A store of references (`index.source`) to whoever builds a gallery of them."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    @property
    def id(self) -> str:
        """Of the store."""
        with self._database.reading() as connection:
            return str(connection.execute(select(state.c.store_id)).scalar_one())

    def version(self) -> int:
        """Of the store."""
        with self._database.reading() as connection:
            return rows.version(connection)

    def blob(self, sha256: str) -> bytes:
        """The bytes of a photo as uploaded; `BlobDamaged`."""
        return self._blobs.read(sha256)

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """The photos of all brands at one moment."""

    def changes(self, since: int, also: Collection[str] = ()) -> Snapshot:
        """The same: they are few, and whatever changed is found by what shards are made from."""
        return self.snapshot()
