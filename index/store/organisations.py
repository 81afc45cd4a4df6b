"""The organisations that share a store."""

from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from index.store import rows, trail
from index.store.database import Database
from index.store.tables import organisations
from index.store.tenants import Organisation


class Organisations:
    """Of one store. They come and are renamed; none ever goes, since its audit log stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Organisation, ...]:
        """By id."""
        with self._database.reading() as connection:
            found = connection.execute(select(organisations).order_by(organisations.c.id))
            return tuple(Organisation(**row._mapping) for row in found)

    def find(self, organisation: str) -> Organisation:
        """One of them; `OrganisationUnknown`."""
        with self._database.reading() as connection:
            return rows.known_organisation(connection, organisation)

    def put(self, organisation: str, name: str | None = None) -> Organisation:
        """Take one in by its id, or rename one that is there; the same again changes nothing."""
        with self._database.writing() as connection:
            known = rows.find_organisation(connection, organisation)
            if known is None:
                made = Organisation(organisation, name or organisation, datetime.now(UTC))
                connection.execute(insert(organisations).values(vars(made)))
                trail.note(connection, organisation, "organisation.created", f"organisations/{organisation}", made.name)
            elif name is not None and name != known.name:
                same = organisations.c.id == organisation
                connection.execute(update(organisations).where(same).values(name=name))
                trail.note(connection, organisation, "organisation.renamed", f"organisations/{organisation}", name)
            return rows.known_organisation(connection, organisation)
