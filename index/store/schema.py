"""The schema: made where there is none, recognised where there is, brought up to date where it is older."""

from uuid import uuid4

from sqlalchemy import Connection, insert, inspect, select, update

from index.store.tables import SCHEMA_VERSION, genuine_scores, metadata, state
from vision.errors import StoreIncompatible


def prepare(connection: Connection) -> str:
    """Make the tables of an empty database, or those an older one lacks, and give the store's id.

    Errors: `StoreIncompatible` where a later release wrote the store.
    """
    if not inspect(connection).has_table(state.name):
        metadata.create_all(connection)
        row = {"row": 1, "store_id": uuid4().hex, "schema_version": SCHEMA_VERSION, "version": 0}
        connection.execute(insert(state).values(row))
    if connection.execute(select(state.c.schema_version)).scalar_one() == 1:
        _from_1_to_2(connection)
    store_id, found = connection.execute(select(state.c.store_id, state.c.schema_version)).one()
    if found != SCHEMA_VERSION:
        raise StoreIncompatible(
            f"the store has schema version {found}, this program reads {SCHEMA_VERSION}; use the release that wrote it"
        )
    return str(store_id)


def _from_1_to_2(connection: Connection) -> None:
    """Brands may have genuine scores of their own."""
    genuine_scores.create(connection, checkfirst=True)
    connection.execute(update(state).values(schema_version=2))
