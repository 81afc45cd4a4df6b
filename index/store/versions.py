"""The versions of brands' reference sets: what each held, what changed between two, and the way back."""

from datetime import datetime

from index.store import history, rows
from index.store.database import Database
from index.store.records import Difference, Held, Reference, Restoration, SetVersion


class Versions:
    """Of the sets of one store. Every change of a set is a version, named by the store's version it came with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, brand: str) -> tuple[SetVersion, ...]:
        """All versions of a brand's set, newest first; `BrandUnknown`."""
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            return history.versions(connection, brand)[::-1]

    def newest(self, brand: str, version: int) -> int | None:
        """The version of a brand's set that a version of the store holds; None where it had none yet."""
        with self._database.reading() as connection:
            return history.newest(connection, brand, version)

    def first_after(self, version: int) -> datetime | None:
        """When the first set changed after a version of the store; None where none has."""
        with self._database.reading() as connection:
            return history.first_after(connection, version)

    def set_at(self, brand: str, version: int) -> tuple[Held, ...]:
        """What a brand's set held at a version, in its order; `BrandUnknown`, `VersionUnknown`."""
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            return history.set_at(connection, brand, version)

    def difference(self, brand: str, before: int | None, after: int) -> Difference:
        """What a brand's set gained and lost from one version to another; None: from the empty set.

        Errors: `BrandUnknown`, `VersionUnknown`.
        """
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            old = () if before is None else history.set_at(connection, brand, before)
            new = history.set_at(connection, brand, after)
        return Difference(_without(new, old), _without(old, new))

    def restore(self, brand: str, version: int) -> Restoration:
        """Make a brand's set what it was at a version; where it is that already, nothing changes.

        What joined since is set aside, its photos kept. What was withdrawn since is not brought back.
        Errors: `BrandUnknown`, `VersionUnknown`.
        """
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            return history.restore(connection, brand, version)

    def kept(self, brand: str, reference_id: str) -> Reference:
        """A reference whose photo is kept, in the set or set aside; `BrandUnknown`, `ReferenceUnknown`."""
        with self._database.reading() as connection:
            return history.kept(connection, brand, reference_id)


def _without(held: tuple[Held, ...], others: tuple[Held, ...]) -> tuple[Held, ...]:
    known = {other.reference.id for other in others}
    return tuple(each for each in held if each.reference.id not in known)
