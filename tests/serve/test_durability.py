"""What was acknowledged is there after a kill at the next moment, and is found without anyone asking for it."""

import shutil
from pathlib import Path

import pytest

from serve.app import Model
from tests.serve import pictures
from tests.serve.fakes import CountingEmbedder, FaultyEmbedder, LayoutEmbedder, inspector
from tests.serve.running import code_of, parts, served, settings_of, spawned, wait_until_searchable


def test_an_acknowledged_upload_survives_a_kill_and_becomes_searchable(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    with spawned(data, log) as (server, kill), server.client() as admin:
        admin.put("/v1/brands/acme")
        upload = parts("files", [pictures.photo(1, view) for view in range(4)])
        answer = admin.post("/v1/brands/acme/references", files=upload)
        kill()
    assert answer.status_code == 202
    kept = [file["reference"] for file in answer.json()["files"]]
    with spawned(data, log) as (server, _), server.client() as admin:
        wait_until_searchable(admin, answer.json()["version"])
        references = admin.get("/v1/brands/acme/references").json()["references"]
        assert [reference["id"] for reference in references] == kept
        assert admin.get(references[0]["image"]).content == pictures.photo(1, 0)
        verdict = admin.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9)])).json()
        assert (verdict["decision"], verdict["brand"]) == ("consistent", "acme")


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A data folder with one brand, as a server left it."""
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        admin.put("/v1/brands/acme")
        upload = parts("files", [pictures.photo(1, view) for view in range(3)])
        wait_until_searchable(admin, admin.post("/v1/brands/acme/references", files=upload).json()["version"])
    return tmp_path


def test_a_gallery_that_is_there_serves_without_embedding_again(filled: Path) -> None:
    embedder = CountingEmbedder()
    with served(settings_of(filled), lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        assert wait_until_searchable(admin, 2)["brands"] == 1
    assert embedder.batches == [1]  # the canary


def test_a_deleted_gallery_is_built_again_and_meanwhile_nothing_is_answered(filled: Path) -> None:
    shutil.rmtree(filled / "gallery")
    embedder = FaultyEmbedder()
    embedder.open.clear()
    with served(settings_of(filled), lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        answer = admin.post("/v1/inspections", files=parts("photos", [pictures.photo(1)]))
        assert answer.status_code == 503
        assert code_of(answer) == "not_ready"
        embedder.open.set()
        assert wait_until_searchable(admin, 2)["brands"] == 1


def test_a_gallery_of_another_embedder_is_built_again(filled: Path) -> None:
    class Newer(LayoutEmbedder):
        fingerprint = "layout-embedder2"

    with served(settings_of(filled), lambda settings: Model(Newer(), inspector)) as server, server.client() as admin:
        assert wait_until_searchable(admin, 2)["embedder"] == "layout-embedder2"


def test_a_damaged_gallery_is_built_again(filled: Path) -> None:
    for file in (filled / "gallery").rglob("*.*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:100])
    with served(settings_of(filled)) as server, server.client() as admin:
        assert wait_until_searchable(admin, 2)["brands"] == 1
