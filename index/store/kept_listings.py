"""Kept listings: the photos of inspections, for a while, so that they can be looked at again when a set changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from index.store import history, rescan_orders, rows
from index.store.blobs import Blobs, name_of
from index.store.database import Database
from index.store.records import Rescan
from index.store.rescan_tables import kept_bytes, kept_candidates, kept_listings, kept_photos
from index.store.tables import inspections

_FORGOTTEN_TOGETHER = 100


@dataclass(frozen=True)
class KeptPhoto:
    """A photo as it was sent."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Decided:
    """What was decided about a listing, and by a gallery of which version of the store."""

    decision: str
    brand: str | None
    judged_by: int


@dataclass(frozen=True)
class KeptListing:
    """A past inspection that can be made again."""

    inspection: str
    organisation: str
    within: str | None  # brand that the key was narrowed to
    every_brand: bool  # held against all organisations' brands
    verdict: str  # JSON, as it was answered
    standing: Decided  # last


class KeptListings:
    """Of one store. Nobody is shown them; they go when their time is over, or when their organisation has too many."""

    def __init__(self, database: Database, blobs: Blobs, erase: Callable[[Sequence[str]], int]) -> None:
        self._database, self._blobs, self._erase = database, blobs, erase

    def keep(
        self,
        inspection: str,
        photos: Sequence[KeptPhoto],
        candidates: Sequence[str],
        decided: Decided,
        every_brand: bool,
        keep_for: timedelta,
        most_bytes: int,
    ) -> int:
        """Keep the photos of an inspection on record; gives how many older listings had to go to make room.

        An organisation's kept photos take `most_bytes` at the most: a listing larger than that is not kept.
        """
        size = sum(len(photo.data) for photo in photos)
        if not photos or size > most_bytes:
            return 0
        blobs = [(name_of(photo.data), photo.data) for photo in photos]
        self._blobs.put_all(blobs)
        with self._database.writing() as connection:
            self._blobs.put_all(blobs)  # a withdrawal may have erased one meanwhile; none can while we write
            made = connection.execute(select(inspections).where(inspections.c.id == inspection)).one()
            row = {"inspection": inspection, "organisation": made.organisation, "created": made.created, "bytes": size}
            row |= {"until": made.created + keep_for, "every_brand": every_brand, **vars(decided)}
            connection.execute(insert(kept_listings).values(row))
            _add_photos(connection, inspection, photos)
            _add_candidates(connection, inspection, candidates)
            _order_what_came_late(connection, candidates, decided.judged_by)
            _count(connection, made.organisation, size)
            gone, freed = _make_room(connection, made.organisation, most_bytes)
        self._erase(freed)
        return gone

    def forget_over(self) -> int:
        """Forget those whose time is over; gives how many. Their photos are swept."""
        forgotten = 0
        old = select(kept_listings.c.inspection).where(kept_listings.c.until < datetime.now(UTC))
        while True:
            with self._database.writing() as connection:
                some = connection.execute(old.limit(_FORGOTTEN_TOGETHER)).scalars().all()
                _forget(connection, some)
            forgotten += len(some)
            if not some:
                return forgotten

    def photos(self, inspection: str) -> tuple[KeptPhoto, ...]:
        """The photos of a listing, in their order; `BlobDamaged`."""
        query = select(kept_photos).where(kept_photos.c.inspection == inspection).order_by(kept_photos.c.position)
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return tuple(KeptPhoto(row.name, self._blobs.read(row.sha256)) for row in found)

    def left_for(self, rescan: Rescan, most: int) -> tuple[KeptListing, ...]:
        """Some that a change may decide otherwise and no gallery with it has judged: flagged ones first, then new."""
        query = (
            select(kept_listings, inspections.c.within, inspections.c.verdict)
            .join(kept_candidates, kept_candidates.c.inspection == kept_listings.c.inspection)
            .join(inspections, inspections.c.id == kept_listings.c.inspection)
            .where(kept_candidates.c.brand == rescan.brand, kept_listings.c.judged_by < rescan.version)
            .order_by((kept_listings.c.decision == "divergent").desc(), kept_listings.c.created.desc())
        )
        with self._database.reading() as connection:
            return tuple(map(_listing_of, connection.execute(query.limit(most))))


def _listing_of(row: Row[Any]) -> KeptListing:
    standing = Decided(row.decision, row.brand, row.judged_by)
    return KeptListing(row.inspection, row.organisation, row.within, row.every_brand, row.verdict, standing)


def _add_photos(connection: Connection, inspection: str, photos: Sequence[KeptPhoto]) -> None:
    made = [
        {"inspection": inspection, "position": place, "name": photo.name, "sha256": name_of(photo.data)}
        for place, photo in enumerate(photos)
    ]
    connection.execute(insert(kept_photos), made)


def _add_candidates(connection: Connection, inspection: str, candidates: Sequence[str]) -> None:
    if candidates:
        made = [{"brand": brand, "inspection": inspection} for brand in sorted(set(candidates))]
        connection.execute(insert(kept_candidates), made)


def _order_what_came_late(connection: Connection, candidates: Sequence[str], judged_by: int) -> None:
    """Order the rescans of changes that came while a gallery without them judged: then there was nothing to look at."""
    now = rows.version(connection)
    for brand in candidates:
        newest = history.newest(connection, brand, now)
        if newest is not None and newest > judged_by:
            rescan_orders.order(connection, brand, newest, "changed meanwhile")


def _count(connection: Connection, organisation: str, more: int) -> None:
    counted = update(kept_bytes).where(kept_bytes.c.organisation == organisation)
    if connection.execute(counted.values(bytes=kept_bytes.c.bytes + more)).rowcount == 0:
        connection.execute(insert(kept_bytes).values(organisation=organisation, bytes=more))


def _make_room(connection: Connection, organisation: str, most_bytes: int) -> tuple[int, list[str]]:
    """Forget an organisation's oldest until the others fit; gives how many, and the blobs that they named."""
    total = select(kept_bytes.c.bytes).where(kept_bytes.c.organisation == organisation)
    oldest = select(kept_listings.c.inspection).where(kept_listings.c.organisation == organisation)
    gone, freed = 0, []
    while connection.execute(total).scalar_one() > most_bytes:
        first = connection.execute(oldest.order_by(kept_listings.c.created).limit(1)).scalars().all()
        freed += _forget(connection, first)
        gone += 1
    return gone, freed


def _forget(connection: Connection, those: Sequence[str]) -> list[str]:
    """Forget listings; gives the blobs that they named."""
    freed: list[str] = []
    for some in rows.chunks(those):
        sizes = select(kept_listings.c.organisation, kept_listings.c.bytes)
        for row in connection.execute(sizes.where(kept_listings.c.inspection.in_(some))).all():
            _count(connection, row.organisation, -row.bytes)
        named = select(kept_photos.c.sha256).where(kept_photos.c.inspection.in_(some))
        freed += connection.execute(named).scalars().all()
        for table in (kept_photos, kept_candidates, kept_listings):
            connection.execute(delete(table).where(table.c.inspection.in_(some)))
    return freed
