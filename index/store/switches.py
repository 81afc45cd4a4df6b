"""Switches: a brand's references taken out of its set and put back, one by one, their photos kept all the while."""

from sqlalchemy import Connection, and_, exists, select

from index.store import history, rows, standings
from index.store.database import Database
from index.store.records import Change, Standing
from index.store.tables import former, references


class Switches:
    """Of the references of one store. Each act makes a new version of the set; one that changes nothing makes none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def off(self, brand: str, reference_id: str) -> Change:
        """Set a reference aside until it is switched on; `BrandUnknown`, `ReferenceUnknown`."""
        with self._database.writing() as connection:
            history.kept(connection, brand, reference_id)
            standings.note(connection, brand, reference_id, "off")
            return history.set_aside(connection, brand, reference_id, "switched_off")

    def on(self, brand: str, reference_id: str) -> Change:
        """Put a reference back into the set, whyever it was aside; `BrandUnknown`, `ReferenceUnknown`.

        One that was quarantined is vouched for: the match budget leaves it alone from here on.
        """
        with self._database.writing() as connection:
            history.kept(connection, brand, reference_id)
            noted = standings.find(connection, brand, reference_id)
            change = history.bring_back(connection, brand, reference_id, "switched_on")
            if noted is not None and noted.standing == "quarantined":
                standings.note(connection, brand, reference_id, "vouched", noted.detail)
            elif noted is not None and noted.standing == "off":
                standings.clear(connection, brand, [reference_id])
            return change

    def quarantine(self, brand: str, reference_id: str, detail: str) -> Change:
        """Set a reference aside that matches too much, unless it is out of the set or vouched for by now."""
        with self._database.writing() as connection:
            noted = standings.find(connection, brand, reference_id)
            change = Change(rows.version(connection), 0)
            if noted is None:
                change = history.set_aside(connection, brand, reference_id, "quarantined")
            if change.count:
                standings.note(connection, brand, reference_id, "quarantined", detail)
            return change

    def standings(self, brand: str) -> tuple[Standing, ...]:
        """Which references are off or quarantined, and which are vouched for; `BrandUnknown`."""
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            return standings.of(connection, brand)

    def gone_since(self, version: int) -> frozenset[tuple[str, str]]:
        """Brand and id of the references that left their sets after a version of the store, and are not back."""
        with self._database.reading() as connection:
            return gone_since(connection, version)


def gone_since(connection: Connection, version: int) -> frozenset[tuple[str, str]]:
    """As `Switches.gone_since`."""
    back = exists().where(and_(references.c.brand == former.c.brand, references.c.id == former.c.id))
    query = select(former.c.brand, former.c.id).where(former.c.until > version, ~back)
    return frozenset((row.brand, row.id) for row in connection.execute(query))
