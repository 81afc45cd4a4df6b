"""`touchstone migrate`: brings a store's database up to this program's schema."""

from cli import console
from cli.options import DEFAULT_DATA_DIR, DataDir


def run(data: DataDir = DEFAULT_DATA_DIR) -> None:
    """Bring the store's database up to this program's schema.

    A SQLite file is brought up whenever it is opened; a PostgreSQL database only by this command, before the new
    release serves. It may run while others run it.
    """
    from cli import composition
    from index.store import migrate

    migrated = migrate(composition.place_of(data))
    if migrated.before == migrated.after:
        console.say(f"the store has schema version {migrated.after} already")
    else:
        console.say(f"the store's schema is brought from version {migrated.before} to {migrated.after}")
