"""Databases are made, brought up to date, and refused where that has to be somebody's decision."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from index.store import OPERATOR, Grant, Place, Scope, Store, migrate, schema
from index.store.blobs import name_of
from index.store.database import Database
from index.store.folder_blobs import FolderBlobs
from index.store.tables import SCHEMA_VERSION, metadata
from tests.index.pictures import additions
from tests.postgres import Cluster
from vision.errors import ConfigurationError, StoreIncompatible, StoreOutdated, StoreUnavailable

OLDER = sorted((Path(__file__).parent / "schemas").glob("*.sql"))  # as releases of then wrote them


@pytest.fixture
def empty(cluster: Cluster, tmp_path: Path) -> Place:
    """A PostgreSQL database that nobody has migrated."""
    return Place(tmp_path, cluster.fresh())


def restore(dump: Path, folder: Path) -> None:
    """A data folder of an older release."""
    with sqlite3.connect(folder / "touchstone.sqlite") as connection:
        connection.executescript(dump.read_text("utf-8"))
    connection.close()
    photos = FolderBlobs(folder / "blobs")
    kept = [*(addition.data for addition in (*additions(1, 2), *additions(2, 1))), b"picture"]
    photos.put_all([(name_of(data), data) for data in kept])


@pytest.mark.parametrize("dump", OLDER, ids=lambda path: path.stem)
def test_a_folder_of_an_older_release_is_brought_up_to_date_without_loss(dump: Path, tmp_path: Path) -> None:
    restore(dump, tmp_path)
    for _ in range(2):  # the second time there is nothing left to do
        store = Store.open(tmp_path)
        assert [(brand.id, brand.name, brand.references) for brand in store.brands()] == [
            ("acme", "Acme Inc.", 1),
            ("zenith", "zenith", 1),
        ]
        expected = [("acme", additions(1)[0]), ("zenith", additions(2)[0])]
        assert [(r.brand, r.sha256) for r in store.references()] == [(b, a.sha256) for b, a in expected]
        assert [store.blob(r.sha256) for r in store.references()] == [addition.data for _, addition in expected]
        assert store.inspections.get("inspection-1").evidence == b"picture"
        key = store.keys.find("0" * 16)
        assert key is not None
        rights: tuple[Scope, ...] = ("references:read", "references:write")
        assert key.grant == Grant(OPERATOR, rights, "acme", "their team")
        assert (key.hash, key.is_over(datetime.now(UTC))) == ("0" * 64, False)
        assert {brand.organisation for brand in store.brands()} == {store.inspections.get("inspection-1").organisation}
        assert [s.scores for s in store.scores()] == ([] if dump.stem == "schema1" else [(0.1, 0.2)])
        assert store.version() == (5 if dump.stem == "schema1" else 6)
        assert [(v.version, v.action, v.held) for v in store.versions.of("acme")] == [(store.version(), "adopted", 1)]
        store.close()


@pytest.mark.parametrize("dump", OLDER, ids=lambda path: path.stem)
def test_a_set_of_an_older_release_changes_as_any_other(dump: Path, tmp_path: Path) -> None:
    restore(dump, tmp_path)
    store = Store.open(tmp_path)
    adopted = store.version()
    assert store.put_references("acme", additions(1, 2)).count == 1
    assert store.versions.restore("acme", adopted).set_aside == 1
    assert [reference.id for reference in store.references("acme")] == [additions(1)[0].id]
    assert store.withdraw_all("acme").count == 2
    store.close()


def test_the_migrations_make_the_tables_that_the_program_uses(place: Place) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrate(place)
    database = Database(place.database())
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        ours = [change for change in compare_metadata(context, metadata) if "alembic_version" not in str(change)]
        revision = context.get_current_revision()
    database.close()
    assert ours == []
    assert revision == f"{SCHEMA_VERSION:04d}"


def test_the_revisions_have_one_head() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    scripts = Path(schema.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [f"{SCHEMA_VERSION:04d}"]


def test_another_database_is_migrated_only_when_asked_for(empty: Place) -> None:
    with pytest.raises(StoreOutdated, match=r"schema version 0.*run `touchstone migrate`"):
        Store.at(empty)
    assert migrate(empty) == schema.Migrated(0, SCHEMA_VERSION)
    assert migrate(empty) == schema.Migrated(SCHEMA_VERSION, SCHEMA_VERSION)
    Store.at(empty).close()


def test_migrators_at_once_take_turns(empty: Place) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(migrate, [empty] * 4))
    assert sorted(each.before for each in done) == [0, *[SCHEMA_VERSION] * 3]


def test_a_store_of_a_later_release_is_not_opened(place: Place) -> None:
    Store.at(place).close()
    database = Database(place.database())
    with database.writing() as connection:
        connection.execute(text("UPDATE store_state SET schema_version = 99"))
    database.close()
    with pytest.raises(StoreIncompatible, match="schema version 99"):
        Store.at(place)
    with pytest.raises(StoreIncompatible, match="schema version 99"):
        migrate(place)


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_cannot_hold_a_store_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Store.at(Place(tmp_path, url))


def test_a_database_that_is_not_there_is_named_and_its_password_is_not(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreUnavailable) as fault:
        Store.at(Place(tmp_path, f"postgresql://touchstone:secret@/none?host={tmp_path}"))
    assert "secret" not in str(fault.value) + "".join(fault.value.__notes__)
    assert str(tmp_path) not in str(fault.value)
    assert str(tmp_path) in "".join(fault.value.__notes__)
