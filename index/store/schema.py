"""The schema: made where there is none, recognised where there is."""

from uuid import uuid4

from sqlalchemy import Connection, insert, inspect, select

from index.store.tables import SCHEMA_VERSION, metadata, state
from vision.errors import StoreIncompatible


def prepare(connection: Connection) -> str:
    """Make the tables of an empty database and give the store's id; `StoreIncompatible` at another version."""
    if not inspect(connection).has_table(state.name):
        metadata.create_all(connection)
        row = {"row": 1, "store_id": uuid4().hex, "schema_version": SCHEMA_VERSION, "version": 0}
        connection.execute(insert(state).values(row))
    store_id, found = connection.execute(select(state.c.store_id, state.c.schema_version)).one()
    if found != SCHEMA_VERSION:
        raise StoreIncompatible(
            f"the store has schema version {found}, this program reads {SCHEMA_VERSION}; use the release that wrote it"
        )
    return str(store_id)
