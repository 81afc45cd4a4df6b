"""An upload whose answer was lost is sent again."""

from pathlib import Path

import httpx
import pytest

from tests.serve import pictures
from tests.serve.running import Server, code_of, parts, served, settings_of


def upload(client: httpx.Client, key: str, *photos: bytes) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return client.post("/v1/brands/acme/references", files=parts("files", photos), headers=headers)


def test_the_same_again_gets_the_same_answer_also_after_a_restart(tmp_path: Path) -> None:
    photos = (pictures.photo(1, 0), b"no photo", pictures.photo(1, 1))
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        admin.put("/v1/brands/acme")
        first = upload(admin, "k-1", *photos)
        assert (first.status_code, first.json()["accepted"]) == (202, 2)
        assert upload(admin, "k-1", *photos).content == first.content
        admin.delete("/v1/brands/acme/references")
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        again = upload(admin, "k-1", *photos)
        assert (again.status_code, again.content) == (202, first.content)
        assert admin.get("/v1/brands/acme/references").json()["references"] == []
        assert upload(admin, "k-2", *photos).json()["version"] > first.json()["version"]
        refused = upload(admin, "k-1", photos[0])
        assert (refused.status_code, code_of(refused)) == (422, "idempotency_key_reused")


def test_a_refused_upload_leaves_its_key_free(fresh: Server) -> None:
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        assert code_of(upload(admin, "k", b"no photo")) == "files_refused"
        assert upload(admin, "k", pictures.photo(1)).status_code == 202


@pytest.mark.parametrize("key", ["", "k" * 201, "with space"])
def test_a_key_that_is_none_is_refused(admin: httpx.Client, key: str) -> None:
    assert code_of(upload(admin, key, pictures.photo(1))) == "request_invalid"
