"""One server for the tests that only ask, and a fresh one where a test changes what others see."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serve import pictures
from tests.serve.running import PIPELINE_KEY, Server, parts, served, settings_of, wait_until_searchable

VIEWS = 4  # references a brand
BRANDS = {"acme": 1, "zenith": 2}  # brand -> seed of its emblem


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serves two brands with small limits. Tests leave it as they find it."""
    limits = {"file_bytes": 400_000, "inspection_bytes": 900_000, "upload_bytes": 900_000, "body_timeout_s": 2.0}
    with served(settings_of(tmp_path_factory.mktemp("data"), limits=limits)) as running:
        with running.client() as admin:
            wait_until_searchable(admin, max(enrol(admin, brand, seed) for brand, seed in BRANDS.items()))
        yield running


@pytest.fixture
def admin(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def pipeline(server: Server) -> Iterator[httpx.Client]:
    with server.client(PIPELINE_KEY) as client:
        yield client


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server with nothing in it, for one test."""
    with served(settings_of(tmp_path)) as running:
        yield running


def enrol(admin: httpx.Client, brand: str, seed: int, views: int = VIEWS) -> int:
    """Create a brand and upload its references; the version that holds them."""
    assert admin.put(f"/v1/brands/{brand}").status_code == 200
    photos = [pictures.photo(seed, view) for view in range(views)]
    answer = admin.post(f"/v1/brands/{brand}/references", files=parts("files", photos))
    assert answer.status_code == 202, answer.text
    assert answer.json()["accepted"] == views
    version: int = answer.json()["version"]
    return version
