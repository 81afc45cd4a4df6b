"""The schema: made where there is none, recognised where there is."""

from uuid import uuid4

from sqlalchemy import Connection, insert, inspect, select

from index.store.tables import SCHEMA_VERSION, metadata, state
from vision.errors import StoreIncompatible


def prepare(connection: Connection) -> None:
    """Make the tables of an empty database; `StoreIncompatible` where they are of another version."""
    if not inspect(connection).has_table(state.name):
        metadata.create_all(connection)
        row = {"row": 1, "store_id": uuid4().hex, "schema_version": SCHEMA_VERSION, "version": 0}
        connection.execute(insert(state).values(row))
    found = connection.execute(select(state.c.schema_version)).scalar_one()
    if found != SCHEMA_VERSION:
        raise StoreIncompatible(
            f"the store has schema version {found}, this program reads {SCHEMA_VERSION}; use the release that wrote it"
        )
