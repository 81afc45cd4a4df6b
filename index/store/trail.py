"""The audit log: who changed what. Written in the transaction of the change itself, never altered or removed."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from index.store import rows
from index.store.database import Database
from index.store.tables import audit_log
from index.store.tenants import AuditLine, actor

MOST_LINES = 1000  # read at once


class Trail:
    """The audit log of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, organisation: str | None, before: int | None = None, limit: int = 100) -> tuple[AuditLine, ...]:
        """The latest lines of an organisation, or of all, newest first; `before` leaves out those from that number on.

        Errors: `OrganisationUnknown`.
        """
        query = select(audit_log).order_by(audit_log.c.id.desc()).limit(min(limit, MOST_LINES))
        if before is not None:
            query = query.where(audit_log.c.number < before)
        with self._database.reading() as connection:
            if organisation is not None:
                rows.known_organisation(connection, organisation)
                query = query.where(audit_log.c.organisation == organisation)
            return tuple(_line_of(row) for row in connection.execute(query))


def note(connection: Connection, organisation: str, action: str, target: str, detail: str = "") -> None:
    """Put on record what the caller's transaction changes of an organisation's."""
    last = select(func.max(audit_log.c.number)).where(audit_log.c.organisation == organisation)
    number = (connection.execute(last).scalar_one() or 0) + 1  # the writer's lock is ours
    who = actor()
    line = AuditLine(organisation, number, datetime.now(UTC), who.key, action, target, detail, who.request)
    connection.execute(insert(audit_log).values(vars(line)))


def note_brand(connection: Connection, brand: str, action: str, detail: str = "", below: str = "") -> None:
    """The same of what is a brand's, or below it: `references/ab12`."""
    target = f"brands/{brand}/{below}" if below else f"brands/{brand}"
    note(connection, rows.known_brand(connection, brand).organisation, action, target, detail)


def _line_of(row: Row[Any]) -> AuditLine:
    return AuditLine(**{name: value for name, value in row._mapping.items() if name != "id"})
