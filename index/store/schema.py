"""The schema: made where there is none, brought up to date where it is older, refused where it is newer."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from index.store.database import Database
from index.store.tables import SCHEMA_VERSION, state
from vision.errors import StoreIncompatible, StoreOutdated

_SCRIPTS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Migrated:
    """What a migration did."""

    before: int  # schema version; 0 where there were no tables
    after: int


def prepare(database: Database) -> str:
    """See that the schema is this program's, and give the store's id. A SQLite file is brought up to it.

    Errors: `StoreOutdated` where another database has to be migrated, `StoreIncompatible` where a later release was.
    """
    with database.reading() as connection:
        found = _version(connection)
    if found < SCHEMA_VERSION and database.is_sqlite:
        found = migrate(database).after
    with database.reading() as connection:
        if found < SCHEMA_VERSION:
            raise StoreOutdated(
                f"the database has schema version {found}, this program needs {SCHEMA_VERSION}: "
                "run `touchstone migrate` once, then start again"
            )
        _require_known(found)
        return str(connection.execute(select(state.c.store_id)).scalar_one())


def migrate(database: Database) -> Migrated:
    """Bring the tables up to this program's, in one transaction; whoever else would migrate waits, and finds it done.

    Errors: `StoreIncompatible` where a later release did.
    """
    with database.migrating() as connection:
        before = _version(connection)
        _require_known(before)
        if before < SCHEMA_VERSION:
            _upgrade(connection, before)
    return Migrated(before, SCHEMA_VERSION)


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(state.name):
        return 0
    return int(connection.execute(select(state.c.schema_version)).scalar_one())


def _require_known(version: int) -> None:
    if version > SCHEMA_VERSION:
        raise StoreIncompatible(
            f"the store has schema version {version}, this program reads {SCHEMA_VERSION}; "
            "use the release that wrote it"
        )


def _upgrade(connection: Connection, before: int) -> None:
    from alembic import command  # late, since it takes long to import and is seldom needed
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if before and not inspect(connection).has_table("alembic_version"):  # made before there were revisions
        command.stamp(config, f"{before:04d}")
    command.upgrade(config, "head")
