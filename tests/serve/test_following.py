"""Two server processes over one PostgreSQL store: what one of them takes in, the other is told of and serves soon."""

import threading
import time
from pathlib import Path

import httpx
import pytest

from index.store import Place, Store
from tests import postgres
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import parts, served, settings_of, spawned, wait_for, wait_until_searchable

WITHIN_S = 15.0  # 5 where nothing else works
NEVER_S = 600.0  # between two looks of a server that is told


def decision(client: httpx.Client) -> str:
    answer = client.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9)]))
    return str(answer.json()["decision"])


def test_another_process_serves_an_upload_within_seconds(
    cluster: postgres.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.fresh("template")
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", url)
    settings = settings_of(tmp_path / "data", database_url=url, poll_store_s=NEVER_S)
    with (
        spawned(tmp_path / "data", tmp_path / "log") as (first, _),
        served(settings) as second,
        first.client() as here,
        second.client() as there,
    ):
        wait_until_searchable(there, 0)
        version = enrol(here, "acme", 1)
        start = time.monotonic()
        said = wait_until_searchable(there, version)
        assert time.monotonic() - start < WITHIN_S
        assert said["put_to_searchable_s"] < WITHIN_S
        assert decision(there) == "consistent"


def test_a_listener_goes_on_when_its_database_was_away(
    cluster: postgres.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store.listening._AGAIN_S", 0.1)
    url, heard = cluster.fresh("template"), threading.Event()
    store, other = Store.at(Place(tmp_path, url)), Store.at(Place(tmp_path, url))
    listener = store.listener(heard.set)
    listener.start()
    try:
        wait_for(heard.is_set)  # listening
        for name in ("acme", "bolt"):
            heard.clear()
            other.put_brand(name)
            wait_for(heard.is_set)
            heard.clear()
            cluster.stop("immediate")
            cluster.start()
            wait_for(heard.is_set)  # again
    finally:
        listener.stop()
        store.close()
        other.close()
