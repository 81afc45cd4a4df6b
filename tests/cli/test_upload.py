"""`touchstone upload` against a real server: every file told of, and none lost or sent twice when it is killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.running import Touchstone
from tests.serve import pictures
from tests.serve.running import ADMIN_KEY, Server, head, served, settings_of, taken, wait_for

BRAND = "/v1/brands/acme"
COUNT = 20  # photos of an upload that is killed


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("TOUCHSTONE_KEY", ADMIN_KEY)
    with served(settings_of(tmp_path / "data", limits={"file_bytes": 200_000})) as running:
        with running.client() as admin:
            assert admin.put(BRAND).status_code == 200
        yield running


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of photos, one of them below it, one no photo, and what is said of them."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(pictures.photo(1))
    (folder / "more" / 'b "two".jpg').write_bytes(pictures.photo(2))
    (folder / "no.jpg").write_bytes(b"no photo")
    (folder / "notes.txt").write_text("left aside")
    (folder / "metadata.csv").write_text("file,sku\na.jpg,S-1\n")
    return folder


def references(server: Server) -> list[dict[str, Any]]:
    with server.client() as admin:
        found: list[dict[str, Any]] = admin.get(f"{BRAND}/references").json()["references"]
    return found


def test_a_folder_is_sent_with_its_metadata_and_every_file_told_of(
    server: Server, photos: Path, touchstone: Touchstone
) -> None:
    outcome = touchstone("upload", photos, "--brand", "Acme", "--url", server.url)
    assert outcome.exit_code == 3
    assert "no.jpg: photo_not_image: " in outcome.err
    assert "acme: 2 accepted, 1 refused; 3 of 3 files were sent" in outcome.out
    assert 'more/b "two".jpg' in outcome.out
    assert [each["metadata"]["sku"] for each in references(server)] == ["S-1", None]


def test_what_is_there_is_not_sent_again_until_it_is_withdrawn(
    server: Server, photos: Path, touchstone: Touchstone
) -> None:
    arguments = ("upload", photos, "--brand", "acme", "--url", server.url, "--json")
    assert touchstone(*arguments).json()["sent"] == 3
    again = touchstone(*arguments)
    assert again.json()["sent"] == 0
    assert [each["status"] for each in again.json()["files"]] == ["duplicate", "duplicate", "refused"]
    with server.client() as admin:
        admin.delete(f"{BRAND}/references")
    assert touchstone(*arguments).json()["sent"] == 3
    assert len(references(server)) == 2


def test_a_zip_is_sent_file_by_file(server: Server, photos: Path, tmp_path: Path, touchstone: Touchstone) -> None:
    packed = tmp_path / "photos.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.jpg", "metadata.csv", "no.jpg"):
            archive.write(photos / name, name)
    outcome = touchstone("upload", packed, "--brand", "acme", "--url", server.url, "--json", "--batch", 1)
    assert [each["status"] for each in outcome.json()["files"]] == ["accepted", "refused"]
    assert references(server)[0]["metadata"]["sku"] == "S-1"


def test_a_file_that_is_too_large_stops_no_other(server: Server, photos: Path, touchstone: Touchstone) -> None:
    (photos / "large.jpg").write_bytes(bytes(300_000))
    files = touchstone("upload", photos, "--brand", "acme", "--url", server.url, "--json").json()["files"]
    assert {each["name"]: each["error"] and each["error"]["code"] for each in files} == {
        "a.jpg": None,
        "large.jpg": "file_too_large",
        'more/b "two".jpg': None,
        "no.jpg": "photo_not_image",
    }


def test_what_cannot_work_is_told_by_the_exit_code(
    server: Server, photos: Path, touchstone: Touchstone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def code(brand: str = "acme", url: str = server.url, source: Path = photos) -> tuple[int, str]:
        outcome = touchstone("upload", source, "--brand", brand, "--url", url)
        return outcome.exit_code, outcome.err.split()[1]

    assert code(brand="nobody") == (3, "service_refused:")
    assert code(url="http://127.0.0.1:1") == (2, "configuration:")
    assert code(url="nonsense") == (2, "configuration:")
    assert code(source=photos / "none") == (2, "configuration:")
    assert code(source=photos / "a.jpg") == (3, "archive_unreadable:")
    monkeypatch.setenv("TOUCHSTONE_KEY", "wrong")
    assert code() == (2, "configuration:")
    monkeypatch.delenv("TOUCHSTONE_KEY")
    assert code() == (2, "configuration:")
    monkeypatch.setenv("TOUCHSTONE_KEY", ADMIN_KEY)
    (photos / "metadata.csv").write_text("file,sku\nabsent.jpg,S-1\n")
    assert code() == (3, "metadata_invalid:")


def test_killed_in_the_middle_and_started_again_it_sends_the_rest_once(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for seed in range(COUNT):  # small, so that little is to be seen in them
        (folder / f"{seed:02}.png").write_bytes(pictures.encode(pictures.emblem(seed).resize((64, 64)), "PNG"))
    command = [sys.executable, "-m", "cli.app", "upload", str(folder), "--brand", "acme", "--url", server.url]
    command += ["--batch", "2", "--json"]
    with server.client() as admin:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(lambda: len(held(admin)) >= 4)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        before = len(held(admin))
        assert before < COUNT
        finished = subprocess.run(command, capture_output=True, check=True)
        said = json.loads(finished.stdout)
        assert said["sent"] <= COUNT - before
        assert {each["status"] for each in said["files"]} <= {"accepted", "near_duplicate", "duplicate"}
        assert Counter(each["name"] for each in references(server)) == {f"{seed:02}.png": 1 for seed in range(COUNT)}
        versions = admin.get(f"{BRAND}/versions").json()["versions"]
        assert sum(each["added"] for each in versions) == COUNT
        lines = admin.get("/v1/audit", params={"limit": 1000}).json()["lines"]
        assert len([line for line in lines if line["target"] == "brands/acme"]) <= 1 + COUNT // 2


def held(admin: httpx.Client) -> list[str]:
    return [each["id"] for each in admin.get(f"{BRAND}/references").json()["references"]]


def test_a_service_that_goes_away_for_a_while_is_waited_for(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, touchstone: Touchstone
) -> None:
    """The only upload slot is taken at first: the service says 503, and the client asks again."""
    monkeypatch.setenv("TOUCHSTONE_KEY", ADMIN_KEY)
    shutil.rmtree(photos / "more")
    with served(settings_of(tmp_path / "data", upload_slots=1, limits={"body_timeout_s": 1.0})) as server:
        with server.client() as admin:
            admin.put(BRAND)
        with busy(server):
            outcome = touchstone("upload", photos, "--brand", "acme", "--url", server.url, "--json")
        assert outcome.json()["sent"] == 2
        assert outcome.exit_code == 3
        assert len(references(server)) == 1


@contextmanager
def busy(server: Server) -> Iterator[None]:
    """With its upload slot taken by a body that never arrives, until the server gives up on it."""
    with socket.create_connection(server.address) as slow, server.client() as admin:
        slow.sendall(head(f"{BRAND}/references", "Content-Length: 1000"))
        wait_for(lambda: taken(admin, "uploads") == 1)
        yield
