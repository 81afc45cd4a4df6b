"""Leases: who works on which row of a table of work. A worker that dies loses it, and one in vain too often ends it.

The table has columns id, created, state, worker, held_until, attempts, finished and fault.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, or_, select, update

from index.store.database import Database

MOST_ATTEMPTS = 5  # to do one piece; one that kills its worker must not do so for ever


def claim(
    database: Database, table: Table, worker: str, held_for: timedelta, *due: ColumnElement[bool]
) -> Row[Any] | None:
    """The oldest that is due and nobody works on, from now on this worker's; None where there is none."""
    now, c = datetime.now(UTC), table.c
    free = or_(c.held_until.is_(None), c.held_until < now)
    query = select(table).where(c.state.in_(["waiting", "running"]), free, *due).order_by(c.created).limit(1)
    with database.reading() as connection:  # mostly there is none: no need to lock
        if connection.execute(query).first() is None:
            return None
    with database.writing() as connection:
        row = connection.execute(query).first()
        if row is None:
            return None
        if row.attempts >= MOST_ATTEMPTS:
            end(connection, table, row.id, "failed", f"it was begun {MOST_ATTEMPTS} times in vain")
            return None
        values = {"state": "running", "worker": worker, "held_until": now + held_for, "attempts": row.attempts + 1}
        connection.execute(update(table).where(c.id == row.id).values(values))
        return row


def renew(connection: Connection, table: Table, piece: str, worker: str, held_for: timedelta) -> None:
    """Its worker was heard of, if it still is this one's."""
    mine = (table.c.id == piece, table.c.worker == worker)
    connection.execute(update(table).where(*mine).values(held_until=datetime.now(UTC) + held_for))


def release(connection: Connection, table: Table, worker: str) -> None:
    """Let others go on with what this worker had, as if it had not begun."""
    mine = (table.c.worker == worker, table.c.state == "running")
    connection.execute(update(table).where(*mine).values(held_until=None, attempts=table.c.attempts - 1))


def end(connection: Connection, table: Table, piece: str, state: str, fault: str | None = None) -> None:
    """It is worked on no more."""
    values = {"state": state, "finished": datetime.now(UTC), "held_until": None, "fault": fault}
    connection.execute(update(table).where(table.c.id == piece).values(values))
