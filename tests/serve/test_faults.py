"""A service whose disk, database or gallery fails says so by name, goes on with what it can, and recovers by itself."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serve import app
from serve.app import create_app
from serve.settings import Settings
from tests.disks import full, read_only, small_disk
from tests.postgres import Cluster
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import Server, code_of, parts, served, settings_of, wait_for, wait_until_searchable
from vision.errors import StoreOutdated


def upload(client: httpx.Client, seed: int) -> httpx.Response:
    return client.post("/v1/brands/acme/references", files=parts("files", [pictures.photo(seed)]))


def inspect(client: httpx.Client) -> httpx.Response:
    return client.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9)]))


def references(client: httpx.Client) -> int:
    return len(client.get("/v1/brands/acme/references").json()["references"])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "12m") as mounted:
        yield mounted


@pytest.fixture
def on_disk(disk: Path) -> Iterator[Server]:
    """A server whose data are on the small disk, with one brand."""
    with served(settings_of(disk / "data")) as running:
        with running.client() as admin:
            wait_until_searchable(admin, enrol(admin, "acme", 1))
        yield running


def test_a_full_disk_is_named_and_what_was_acknowledged_is_kept(on_disk: Server, disk: Path) -> None:
    with on_disk.client() as admin:
        with full(disk):
            answer = upload(admin, 2)
            assert (answer.status_code, code_of(answer)) == (507, "storage_full")
            assert str(disk) not in answer.text
            assert references(admin) == 4
        answer = upload(admin, 2)
        assert answer.status_code == 202
        wait_until_searchable(admin, answer.json()["version"])


def test_a_read_only_disk_is_named_and_references_are_still_read(on_disk: Server, disk: Path) -> None:
    with on_disk.client() as admin:
        with read_only(disk):
            for answer in (upload(admin, 2), inspect(admin)):
                assert (answer.status_code, code_of(answer)) == (503, "storage_read_only")
            assert references(admin) == 4
        assert upload(admin, 2).status_code == 202
        assert inspect(admin).status_code == 200


@pytest.mark.parametrize("outage_s", [0.5, pytest.param(30, marks=pytest.mark.slow)])
def test_a_database_that_is_gone_is_named_and_found_again(cluster: Cluster, tmp_path: Path, outage_s: float) -> None:
    settings = settings_of(tmp_path, database_url=cluster.fresh("template"))
    with served(settings) as server, server.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 1))
        cluster.stop("immediate")
        try:
            deadline = time.monotonic() + outage_s
            while True:
                for answer in (upload(admin, 2), inspect(admin), admin.get("/ready")):
                    assert (answer.status_code, code_of(answer)) == (503, "store_unavailable")
                    assert answer.headers["retry-after"]
                    assert str(cluster.folder) not in answer.text
                assert admin.get("/health").status_code == admin.get("/metrics").status_code == 200
                if time.monotonic() > deadline:
                    break
                time.sleep(1)
        finally:
            cluster.start()
        assert references(admin) == 4
        assert inspect(admin).json()["brand"] == "acme"
        wait_until_searchable(admin, upload(admin, 2).json()["version"])


def test_two_servers_follow_one_postgresql_store(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.fresh("template")
    one, two = (settings_of(tmp_path / name, database_url=url) for name in ("one", "two"))
    for settings in (one, two):
        settings.data_dir.mkdir()
        (settings.data_dir / "blobs").symlink_to(tmp_path / "blobs")
    (tmp_path / "blobs").mkdir()
    with served(one) as here, served(two) as there, here.client() as admin, there.client() as other:
        assert wait_until_searchable(other, enrol(admin, "acme", 1))["brands"] == 1


def test_a_gallery_that_is_altered_under_the_service_is_named_and_built_again(fresh: Server, tmp_path: Path) -> None:
    with fresh.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 1))
        for shard in (tmp_path / "gallery" / "shards").glob("*.shard"):
            with shard.open("r+b") as file:  # in place, as a failing disk does; its size stays
                size = file.seek(0, 2)
                file.seek(0)
                file.write(b"\xff" * size)
        answer = inspect(admin)
        assert (answer.status_code, code_of(answer)) == (503, "gallery_damaged")
        wait_for(lambda: inspect(admin).status_code == 200)
        assert inspect(admin).json()["brand"] == "acme"


def test_a_damaged_photo_is_named_counted_and_mended_by_uploading_it_again(tmp_path: Path) -> None:
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 1))
        first = admin.get("/v1/brands/acme/references").json()["references"][0]
        (tmp_path / "blobs" / first["sha256"][:2] / first["sha256"]).write_bytes(b"rotten")
        answer = admin.get(first["image"])
        assert (answer.status_code, code_of(answer)) == (500, "blob_damaged")
        assert str(tmp_path) not in answer.text
        ready = wait_until_searchable(admin, upload(admin, 2).json()["version"])
        assert ready["unreadable_references"] == 1
        assert "touchstone_unreadable_references 1.0" in admin.get("/metrics").text
        again = admin.post("/v1/brands/acme/references", files=parts("files", [pictures.photo(1, 0)])).json()
        assert again["files"][0]["status"] == "duplicate"
        wait_for(lambda: admin.get("/ready").json()["unreadable_references"] == 0)
        assert admin.get(first["image"]).content == pictures.photo(1, 0)


def test_a_start_sweeps_what_writers_that_died_left(tmp_path: Path) -> None:
    orphan = tmp_path / "blobs" / "ab" / ("ab" * 32)
    with served(settings_of(tmp_path)):
        orphan.write_bytes(b"a writer died before its rows")
    with served(settings_of(tmp_path)):
        assert not orphan.exists()


def test_a_fault_of_the_store_at_the_start_is_told_in_words(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", cluster.fresh())
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOUCHSTONE_PORT", "0")
    started = threading.Event()
    with pytest.raises(StoreOutdated, match="touchstone migrate"):
        app.run()
    assert not started.is_set()
    assert "Traceback" not in caplog.text


def test_a_fault_of_ours_at_the_start_is_logged_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(settings: Settings) -> app.Model:
        raise RuntimeError("a fault of ours")

    assert create_app(settings_of(tmp_path), broken) is not None
    with pytest.raises(RuntimeError, match="a fault of ours"), served(settings_of(tmp_path), broken):
        pass
    assert "Traceback" in caplog.text
