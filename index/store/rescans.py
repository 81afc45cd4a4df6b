"""Rescans: jobs that look at kept listings again, since a brand's set changed. A sibling of upload jobs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from index.store import leases, rows
from index.store.database import Database
from index.store.kept_listings import Decided, KeptListing
from index.store.records import Rescan
from index.store.rescan_tables import kept_listings as listings
from index.store.rescan_tables import rescans, revisions

HELD_FOR = timedelta(seconds=60)  # a worker that was not heard of for so long is dead
MOST_LISTED = 100  # of a brand, the newest


class Rescans:
    """Of one store. One whose worker died is begun again by another: what was looked at is not looked at again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, brand: str) -> tuple[Rescan, ...]:
        """A brand's newest, newest first; `BrandUnknown`."""
        query = select(rescans).where(rescans.c.brand == brand).order_by(rescans.c.version.desc()).limit(MOST_LISTED)
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            return tuple(map(_rescan_of, connection.execute(query)))

    def claim(self, worker: str, searchable: int) -> Rescan | None:
        """The oldest that nobody works on and whose change a gallery of this version has, from now on this worker's."""
        due = rescans.c.version <= searchable
        row = leases.claim(self._database, rescans, worker, HELD_FOR, due)
        return None if row is None else _rescan_of(row)

    def looked(self, rescan: Rescan, worker: str, listing: KeptListing, found: Decided, revision: str | None) -> bool:
        """Note that a listing was looked at, and what was decided (JSON) where that is another; whether it was.

        What was answered stays as it is. Where another worker was faster nothing is noted.
        """
        with self._database.writing() as connection:
            this = (listings.c.inspection == listing.inspection, listings.c.judged_by == listing.standing.judged_by)
            if connection.execute(update(listings).where(*this).values(vars(found))).rowcount == 0:
                return False
            if revision is not None:
                connection.execute(insert(revisions).values(_row_of(rescan, listing, found, revision)))
            leases.renew(connection, rescans, rescan.id, worker, HELD_FOR)
            return revision is not None

    def finish(self, rescan: Rescan) -> None:
        """Nothing is left to look at."""
        with self._database.writing() as connection:
            leases.end(connection, rescans, rescan.id, "done")

    def release(self, worker: str) -> None:
        """Let others go on with what this worker had."""
        with self._database.writing() as connection:
            leases.release(connection, rescans, worker)


def _rescan_of(row: Row[Any]) -> Rescan:
    return Rescan(row.id, row.brand, row.version, row.cause, row.created, row.state, row.finished, row.fault)


def _row_of(rescan: Rescan, listing: KeptListing, found: Decided, verdict: str) -> dict[str, Any]:
    return {
        "inspection": listing.inspection,
        "rescan": rescan.id,
        "created": datetime.now(UTC),
        "organisation": listing.organisation,
        "within": listing.within,
        "old_decision": listing.standing.decision,
        "old_brand": listing.standing.brand,
        "decision": found.decision,
        "brand": found.brand,
        "set_version": json.loads(verdict)["set_version"],
        "verdict": verdict,
    }
