"""A brand's team switches references off and on, and names marks that are not to be flagged."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import Server, code_of, parts, served, settings_of, wait_for, wait_until_searchable


def inspected(client: httpx.Client, photo: bytes) -> dict[str, Any]:
    answer = client.post("/v1/inspections", files=parts("photos", [photo]))
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


def ids(client: httpx.Client) -> list[str]:
    return [each["id"] for each in client.get("/v1/brands/acme/references").json()["references"]]


def negatives(client: httpx.Client, *photos: bytes, kind: str = "licensed") -> httpx.Response:
    return client.post("/v1/brands/acme/negatives", files=parts("files", photos), data={"kind": kind})


def test_the_only_reference_goes_off_and_on_within_seconds(fresh: Server) -> None:
    with fresh.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 5, views=1))
        (reference,) = ids(admin)
        assert inspected(admin, pictures.photo(5, 1))["brand"] == "acme"
        off = admin.post(f"/v1/brands/acme/references/{reference}/off").json()
        assert off["changed"]
        assert inspected(admin, pictures.photo(5, 1))["brand"] is None  # at once, before the gallery is built
        wait_until_searchable(admin, off["version"])
        assert inspected(admin, pictures.photo(5, 1))["brand"] is None
        assert ids(admin) == []
        (noted,) = admin.get("/v1/brands/acme/standings").json()["standings"]
        assert (noted["reference"], noted["standing"]) == (reference, "off")

        start = time.monotonic()
        on = admin.post(f"/v1/brands/acme/references/{reference}/on").json()
        wait_until_searchable(admin, on["version"])
        assert time.monotonic() - start < 20  # also on a busy machine
        assert inspected(admin, pictures.photo(5, 1))["brand"] == "acme"
        assert admin.get("/v1/brands/acme/standings").json()["standings"] == []
        assert not admin.post(f"/v1/brands/acme/references/{reference}/on").json()["changed"]


def test_a_flag_on_a_look_alike_goes_and_the_flag_on_a_forgery_stays(fresh: Server) -> None:
    look_alike, forgery = pictures.photo(5, 1, altered=1), pictures.photo(5, 1, altered=2)
    with fresh.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 5))
        assert inspected(admin, look_alike)["decision"] == "divergent"
        assert inspected(admin, forgery)["decision"] == "divergent"
        added = negatives(admin, pictures.photo(5, 0, altered=1)).json()
        assert (added["accepted"], added["files"][0]["status"]) == (1, "accepted")
        wait_until_searchable(admin, added["version"])

        verdict = inspected(admin, look_alike)
        assert (verdict["decision"], verdict["brand"]) == ("undecided", "acme")
        (reason,) = verdict["reasons"]
        negative = added["files"][0]["reference"]
        assert (reason["code"], reason["reference"], reason["photo"]) == ("known_look_alike", negative, 0)
        assert inspected(admin, forgery)["decision"] == "divergent"
        assert inspected(admin, pictures.photo(5, 1))["decision"] == "consistent"

        (listed,) = admin.get("/v1/brands/acme/negatives").json()["negatives"]
        assert (listed["id"], listed["kind"]) == (negative, "licensed")
        assert admin.get(listed["image"]).content == pictures.photo(5, 0, altered=1)
        gone = admin.delete(f"/v1/brands/acme/negatives/{negative}").json()
        wait_until_searchable(admin, gone["version"])
        assert inspected(admin, look_alike)["decision"] == "divergent"
        assert admin.get(listed["image"]).status_code == 404


def test_a_negative_says_nothing_for_the_brand(fresh: Server) -> None:
    with fresh.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 5, views=1))
        wait_until_searchable(admin, negatives(admin, pictures.photo(7), kind="other_owner").json()["version"])
        assert inspected(admin, pictures.photo(7, 1))["brand"] is None


def test_what_cannot_be_a_negative_is_refused(fresh: Server) -> None:
    with fresh.client() as admin:
        enrol(admin, "acme", 5, views=1)
        assert code_of(negatives(admin, pictures.photo(6), kind="enemy")) == "form_invalid"
        assert code_of(negatives(admin, b"nothing")) == "files_refused"
        (genuine, other) = negatives(admin, pictures.photo(5), pictures.photo(6)).json()["files"]
        assert (genuine["status"], genuine["error"]["code"]) == ("refused", "negative_is_genuine")
        assert other["status"] == "accepted"
        many = [pictures.plain(40 + side, 60) for side in range(64)]
        assert code_of(negatives(admin, *many)) == "too_many_negatives"
        assert code_of(admin.delete("/v1/brands/acme/negatives/none")) == "reference_unknown"


def test_a_brand_controls_its_own_only(fresh: Server) -> None:
    with fresh.client() as admin:
        enrol(admin, "acme", 5, views=1)
        (reference,) = ids(admin)
        key = admin.put("/v1/brands/other", json={"issue_key": True}).json()["key"]
    with fresh.client(key) as other:
        answers = [
            other.post(f"/v1/brands/acme/references/{reference}/off"),
            other.post(f"/v1/brands/acme/references/{reference}/on"),
            other.get("/v1/brands/acme/standings"),
            other.get("/v1/brands/acme/negatives"),
            other.get(f"/v1/brands/acme/negatives/{reference}/image"),
            other.delete(f"/v1/brands/acme/negatives/{reference}"),
            negatives(other, pictures.photo(6)),
        ]
        assert [(answer.status_code, code_of(answer)) for answer in answers] == [(404, "brand_unknown")] * len(answers)


@pytest.mark.parametrize("act", ["off", "on"])
def test_a_reference_that_is_not_there_is_named(admin: httpx.Client, act: str) -> None:
    assert code_of(admin.post(f"/v1/brands/acme/references/none/{act}")) == "reference_unknown"


def test_a_reference_that_matches_everything_is_quarantined_and_freed(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, match_budget_fewest=8, match_budget_factor=1.5, match_budget_every_s=0.2)
    with served(settings) as running, running.client() as admin:
        enrol(admin, "zenith", 7)
        wait_until_searchable(admin, enrol(admin, "acme", 5, views=2))
        everywhere = admin.post("/v1/brands/acme/references", files=parts("files", [pictures.photo(9)])).json()
        square = everywhere["files"][0]["reference"]
        wait_until_searchable(admin, everywhere["version"])
        for view in range(8):
            assert inspected(admin, pictures.photo(9, view))["brand"] == "acme"
        wait_for(lambda: square not in ids(admin))
        wait_for(lambda: inspected(admin, pictures.photo(9, 1))["brand"] is None)
        assert len(ids(admin)) == 2
        (noted,) = admin.get("/v1/brands/acme/standings").json()["standings"]
        assert (noted["reference"], noted["standing"]) == (square, "quarantined")
        assert "nearest in 100% of the last 8 inspections" in noted["detail"]
        assert "touchstone_quarantines_total 1.0" in admin.get("/metrics").text
        lines = admin.get("/v1/audit", params={"organisation": "operator"}).json()["lines"]
        assert ("references.quarantined", "match-budget") in {(line["action"], line["key"]) for line in lines}

        version = admin.post(f"/v1/brands/acme/references/{square}/on").json()["version"]
        wait_until_searchable(admin, version)
        assert inspected(admin, pictures.photo(9, 1))["brand"] == "acme"
        time.sleep(1)
        assert square in ids(admin)  # vouched for
