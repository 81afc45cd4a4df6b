"""What every test may lean on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from index.store import Place, migrate
from tests import postgres

# Machines that test are busy machines: a slow example is no fault. Examples are the same in every run.
settings.register_profile("touchstone", deadline=None, derandomize=True)
settings.load_profile("touchstone")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data: $TOUCHSTONE_DATA, or `shared/data` beside the repository; skips where there is none."""
    folder = Path(os.environ.get("TOUCHSTONE_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; set TOUCHSTONE_DATA")
    return folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL of our own, its `template` migrated; skips where none is installed."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed: no initdb")
    with postgres.cluster() as running:
        running.run("createdb", "--host", str(running.folder), "--username", postgres.USER, "template")
        migrate(Place(Path("unused"), running.url("template")))
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store's place, on each kind of database."""
    if request.param == "sqlite":
        return Place(tmp_path)
    running: postgres.Cluster = request.getfixturevalue("cluster")
    return Place(tmp_path, running.fresh("template"))
