"""A brand's team lists, compares, restores and exports the versions of its set."""

import io
import json
import zipfile

import httpx
import pytest

from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import Server, code_of, parts, wait_until_searchable


def upload(client: httpx.Client, *photos: bytes) -> int:
    answer = client.post("/v1/brands/acme/references", files=parts("files", photos))
    assert answer.status_code == 202
    version: int = answer.json()["version"]
    return version


def found(client: httpx.Client, view: int) -> str | None:
    """The reference that a listing of a reference's very photo shows, if any."""
    answer = client.post("/v1/inspections", files=parts("photos", [pictures.photo(5, view)])).json()
    regions = answer["photos"][0]["regions"]
    return regions[0]["nearest_reference"] if answer["brand"] else None


def test_a_set_goes_back_and_what_is_withdrawn_stays_away(fresh: Server) -> None:
    with fresh.client() as admin:
        one = enrol(admin, "acme", 5, views=2)
        two = upload(admin, pictures.photo(6, 0))
        first, second, third = admin.get("/v1/brands/acme/references").json()["references"]
        changes = admin.get(f"/v1/brands/acme/versions/{two}/changes").json()
        assert (changes["since"], [each["id"] for each in changes["added"]]) == (one, [third["id"]])

        restored = admin.post(f"/v1/brands/acme/versions/{one}/restore").json()
        assert (restored["set_aside"], restored["brought_back"], restored["lost"]) == (1, 0, [])
        assert admin.get(third["image"]).content == pictures.photo(6, 0)
        wait_until_searchable(admin, restored["version"])
        assert found(admin, 0) is not None

        withdrawn = admin.delete(f"/v1/brands/acme/references/{first['id']}").json()
        assert admin.get(first["image"]).status_code == 404
        back = admin.post(f"/v1/brands/acme/versions/{two}/restore").json()
        assert (back["brought_back"], back["lost"]) == (1, [first["id"]])
        wait_until_searchable(admin, back["version"])
        assert found(admin, 0) in {second["id"], third["id"], None}

        versions = admin.get("/v1/brands/acme/versions").json()["versions"]
        assert [version["version"] for version in versions] == [
            back["version"],
            withdrawn["version"],
            restored["version"],
            two,
            one,
        ]
        assert [version["action"] for version in versions] == ["restored", "withdrawn", "restored", "added", "added"]
        held = admin.get(f"/v1/brands/acme/versions/{one}").json()["references"]
        assert [(each["id"], each["withdrawn"]) for each in held] == [(first["id"], True), (second["id"], False)]


def test_a_version_is_exported_whole(fresh: Server) -> None:
    with fresh.client() as admin:
        version = enrol(admin, "acme", 5, views=3)
        answer = admin.get(f"/v1/brands/acme/versions/{version}/archive")
    assert answer.headers["content-type"] == "application/zip"
    assert f"references-{version}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        manifest = json.loads(zipped.read("manifest.json"))
        photos = [zipped.read(each["file"]) for each in manifest["references"]]
    assert photos == [pictures.photo(5, view) for view in range(3)]


def test_a_brand_sees_its_own_versions_only(fresh: Server) -> None:
    with fresh.client() as admin:
        version = enrol(admin, "acme", 5, views=1)
        key = admin.put("/v1/brands/other", json={"issue_key": True}).json()["key"]
    with fresh.client(key) as other:
        paths = ["", f"/{version}", f"/{version}/changes", f"/{version}/archive"]
        answers = [other.get(f"/v1/brands/acme/versions{path}") for path in paths]
        answers.append(other.post(f"/v1/brands/acme/versions/{version}/restore"))
        assert [(answer.status_code, code_of(answer)) for answer in answers] == [(404, "brand_unknown")] * 5
        assert other.get("/v1/brands/other/versions").json()["versions"] == []


@pytest.mark.parametrize("version", ["-1", "x", "99999999999999999999"])
def test_a_version_that_is_no_number_is_refused(admin: httpx.Client, version: str) -> None:
    assert code_of(admin.get(f"/v1/brands/acme/versions/{version}")) == "request_invalid"
