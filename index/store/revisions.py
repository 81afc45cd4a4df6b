"""Revisions: inspections that a rescan decided otherwise, beside what was answered."""

from typing import Any

from sqlalchemy import Row, select

from index.store.database import Database
from index.store.records import Revision
from index.store.rescan_tables import rescans, revisions


class Revisions:
    """Of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        organisation: str,
        limit: int,
        before: int | None = None,
        within: str | None = None,
        inspection: str | None = None,
    ) -> tuple[Revision, ...]:
        """The newest of an organisation, newest first; of inspections `within` a brand, or of one inspection."""
        query = select(revisions, rescans.c.brand.label("changed"), rescans.c.cause).join(rescans)
        query = query.where(revisions.c.organisation == organisation).order_by(revisions.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(revisions.c.number < before)
        if within is not None:
            query = query.where(revisions.c.within == within)
        if inspection is not None:
            query = query.where(revisions.c.inspection == inspection)
        with self._database.reading() as connection:
            return tuple(map(_revision_of, connection.execute(query)))


def _revision_of(row: Row[Any]) -> Revision:
    return Revision(
        number=row.number,
        inspection=row.inspection,
        created=row.created,
        changed=row.changed,
        cause=row.cause,
        old_decision=row.old_decision,
        old_brand=row.old_brand,
        decision=row.decision,
        brand=row.brand,
        set_version=row.set_version,
        verdict=row.verdict,
    )
