"""Standings: which references are off, why, and which are vouched for. Statements on one connection."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from index.store import rows
from index.store.control_tables import standings
from index.store.records import Standing, StandingName


def of(connection: Connection, brand: str) -> tuple[Standing, ...]:
    """All that is noted of a brand's references, oldest first."""
    query = select(standings).where(standings.c.brand == brand).order_by(standings.c.since, standings.c.id)
    return tuple(Standing(**row._mapping) for row in connection.execute(query))


def find(connection: Connection, brand: str, reference_id: str) -> Standing | None:
    """What is noted of one, if anything."""
    query = select(standings).where(standings.c.brand == brand, standings.c.id == reference_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Standing(**row._mapping)


def note(connection: Connection, brand: str, reference_id: str, standing: StandingName, detail: str = "") -> None:
    """Note this of a reference, in place of what was noted."""
    clear(connection, brand, [reference_id])
    noted = Standing(brand, reference_id, standing, datetime.now(UTC), detail)
    connection.execute(insert(standings).values(vars(noted)))


def clear(connection: Connection, brand: str, ids: Sequence[str]) -> None:
    """Forget what was noted of these: they come into the set anew, or are gone."""
    for some in rows.chunks(ids):
        connection.execute(delete(standings).where(standings.c.brand == brand, standings.c.id.in_(some)))
