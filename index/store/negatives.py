"""Negative references: photos of marks that a brand does not want flagged, apart from its set."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from index.reference_set import Addition
from index.store import rescan_orders, rows, trail
from index.store.beside import Beside
from index.store.blobs import Blobs
from index.store.control_tables import negatives
from index.store.database import Database
from index.store.records import Change, Negative, NegativeKind, Reference, Snapshot
from index.store.tables import state
from vision.errors import ReferenceUnknown, TooManyNegatives

MOST = 64  # a brand: every flag of the brand is held against the marks they show


class Negatives(Beside):
    """Of the brands of one store. To whoever builds a gallery of them, it is a store of references (`build.Source`)."""

    def __init__(self, database: Database, blobs: Blobs, erase: Callable[[Sequence[str]], int]) -> None:
        super().__init__(database, blobs)
        self._erase = erase

    def snapshot(self) -> Snapshot:
        """The photos of all brands at one moment."""
        with self._database.reading() as connection:
            row = connection.execute(select(state)).one()
            return Snapshot(row.store_id, row.version, tuple(each.photo for each in _find(connection, None)))

    def of(self, brand: str) -> tuple[Negative, ...]:
        """A brand's, in the order added; `BrandUnknown`."""
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            return _find(connection, brand)

    def kept(self, brand: str, negative_id: str) -> Negative:
        """One of a brand's; `BrandUnknown`, `ReferenceUnknown`."""
        return _one(self.of(brand), negative_id)

    def put(self, brand: str, kind: NegativeKind, additions: Sequence[Addition]) -> Change:
        """Store what was admitted; `BrandUnknown`, `TooManyNegatives`. What is there already is left as it is."""
        blobs = [(addition.sha256, addition.data) for addition in additions]
        self._blobs.put_all(blobs)
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            self._blobs.put_all(blobs)  # a withdrawal may have erased one meanwhile; none can while we write
            new = _unknown(connection, brand, additions)
            if not new:
                return Change(rows.version(connection), 0)
            _require_room(connection, brand, len(new))
            _add(connection, brand, kind, new)
            trail.note_brand(connection, brand, "negatives.added", f"{len(new)} of kind {kind}")
            return _changed(connection, brand, len(new))

    def withdraw(self, brand: str, negative_id: str) -> Change:
        """Forget one and erase its photo; `BrandUnknown`, `ReferenceUnknown`."""
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            gone = _one(_find(connection, brand), negative_id).photo
            connection.execute(delete(negatives).where(negatives.c.brand == brand, negatives.c.id == negative_id))
            trail.note_brand(connection, brand, "negatives.withdrawn", below=f"negatives/{negative_id}")
            change = _changed(connection, brand, 1)
        self._erase([gone.sha256])
        return change


def _changed(connection: Connection, brand: str, count: int) -> Change:
    version = rows.next_version(connection)
    rescan_orders.order(connection, brand, version, "negatives")
    return Change(version, count)


def _one(found: Sequence[Negative], negative_id: str) -> Negative:
    named = next((each for each in found if each.photo.id == negative_id), None)
    if named is None:
        raise ReferenceUnknown(f"there is no negative reference {negative_id!r}; list them to see their ids")
    return named


def _find(connection: Connection, brand: str | None) -> tuple[Negative, ...]:
    query = select(negatives).order_by(negatives.c.brand, negatives.c.position)
    if brand is not None:
        query = query.where(negatives.c.brand == brand)
    return tuple(_negative_of(row) for row in connection.execute(query))


def _negative_of(row: Row[Any]) -> Negative:
    photo = Reference(
        row.brand,
        row.id,
        row.sha256,
        row.name,
        row.format,
        row.width,
        row.height,
        int(row.fingerprint, 16),
        row.sharpness,
        row.added,
    )
    return Negative(row.kind, photo)


def _unknown(connection: Connection, brand: str, additions: Sequence[Addition]) -> list[Addition]:
    known = {each.photo.id for each in _find(connection, brand)}
    return list({addition.id: addition for addition in additions if addition.id not in known}.values())


def _require_room(connection: Connection, brand: str, more: int) -> None:
    there = len(_find(connection, brand))
    if there + more > MOST:
        raise TooManyNegatives(
            f"brand {brand!r} has {there} negative references, and {more} more pass the limit of {MOST}; "
            "withdraw some, or send one clear photo of each mark"
        )


def _add(connection: Connection, brand: str, kind: NegativeKind, new: Sequence[Addition]) -> None:
    last = select(func.max(negatives.c.position)).where(negatives.c.brand == brand)
    position, now = connection.execute(last).scalar_one() or 0, datetime.now(UTC)
    made = [rows.row_of(brand, each, now, position + i) | {"kind": kind} for i, each in enumerate(new, start=1)]
    columns = [column.name for column in negatives.columns]  # whatever else is said of a reference goes unsaid here
    connection.execute(insert(negatives), [{name: row[name] for name in columns} for row in made])
