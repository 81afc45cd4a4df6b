from pathlib import Path

import httpx
import pytest

from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import Server, code_of, parts, served, settings_of, wait_until_searchable


def upload(client: httpx.Client, brand: str, *photos: bytes) -> httpx.Response:
    return client.post(f"/v1/brands/{brand}/references", files=parts("files", photos))


def test_a_brand_has_an_id_and_a_name(fresh: Server) -> None:
    with fresh.client() as admin:
        made = admin.put("/v1/brands/Abbott Detroit", json={"name": "Abbott-Detroit Motor Car"})
        assert made.status_code == 200
        assert made.json()["brand"] == "abbott detroit"
        assert made.json()["name"] == "Abbott-Detroit Motor Car"
        assert made.json()["key"] is None
        assert [brand["brand"] for brand in admin.get("/v1/brands").json()["brands"]] == ["abbott detroit"]


def test_every_file_of_an_upload_is_answered_for_and_the_good_are_kept(fresh: Server) -> None:
    good = pictures.photo(1)
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        answer = upload(admin, "acme", good, b"<svg/>", good, pictures.plain(8, 8), good[:3000])
        assert answer.status_code == 202
        files = answer.json()["files"]
        assert [file["status"] for file in files] == ["accepted", "refused", "duplicate", "refused", "refused"]
        assert files[2]["reference"] == files[0]["reference"]
        assert [file["error"]["code"] for file in files if file["error"]][1:] == ["photo_too_small", "photo_truncated"]
        kept = admin.get("/v1/brands/acme/references").json()["references"]
        assert [reference["id"] for reference in kept] == [files[0]["reference"]]
        image = admin.get(kept[0]["image"])
        assert image.content == good
        assert image.headers["content-type"] == "image/jpeg"


def test_an_upload_without_one_photo_is_refused(admin: httpx.Client) -> None:
    answer = upload(admin, "acme", b"<svg/>", b"")
    assert answer.status_code == 422
    assert code_of(answer) == "files_refused"
    assert [file["code"] for file in answer.json()["files"]] == ["photo_format_unsupported", "photo_empty"]


def test_an_upload_becomes_searchable_and_a_withdrawal_is_matched_no_more(fresh: Server) -> None:
    listing = parts("photos", [pictures.photo(5, 9)])
    with fresh.client() as admin:
        assert admin.post("/v1/inspections", files=listing).json()["decision"] == "unrecognised"
        ready = wait_until_searchable(admin, enrol(admin, "acme", 5))
        assert ready["brands"] == 1
        assert ready["put_to_searchable_s"] > 0
        assert admin.get("/v1/brands/acme/references").json()["searchable"] is True
        assert admin.post("/v1/inspections", files=listing).json()["brand"] == "acme"
        withdrawn = admin.delete("/v1/brands/acme/references").json()
        assert withdrawn["withdrawn"] == 4
        wait_until_searchable(admin, withdrawn["version"])
        assert admin.post("/v1/inspections", files=listing).json()["decision"] == "unrecognised"


def test_one_reference_is_withdrawn(fresh: Server) -> None:
    with fresh.client() as admin:
        enrol(admin, "acme", 1, views=2)
        first, second = admin.get("/v1/brands/acme/references").json()["references"]
        answer = admin.delete(f"/v1/brands/acme/references/{first['id']}")
        assert answer.json()["withdrawn"] == 1
        assert admin.get("/v1/brands/acme/references").json()["references"] == [second]
        again = admin.delete(f"/v1/brands/acme/references/{first['id']}")
        assert again.status_code == 404
        assert code_of(again) == "reference_unknown"


def test_a_brand_name_outside_the_rules_is_refused(admin: httpx.Client) -> None:
    answer = admin.put("/v1/brands/-acme")
    assert answer.status_code == 422
    assert code_of(answer) == "brand_name_invalid"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_brand_that_is_not_enrolled_is_unknown(admin: httpx.Client, method: str) -> None:
    answer = admin.request(
        method, "/v1/brands/nobody/references", files=parts("files", [b"x"]) if method == "POST" else None
    )
    assert answer.status_code == 404
    assert code_of(answer) == "brand_unknown"


def test_two_servers_follow_one_store(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with served(settings) as one, served(settings) as two, one.client() as here, two.client() as there:
        version = enrol(here, "acme", 1)
        assert wait_until_searchable(there, version)["brands"] == 1
