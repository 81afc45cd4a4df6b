"""What a person finds of an inspection is kept, and what is counterfeit does not come back as a reference."""

import io
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from index.look import differing_bits, look_at
from index.reference_set import NEAR_DUPLICATE_BITS
from tests.serve import pictures
from tests.serve.running import (
    PIPELINE_KEY,
    Server,
    code_of,
    parts,
    served,
    settings_of,
    wait_for,
    wait_until_searchable,
)
from vision.photo import decode

BRAND = "/v1/brands/acme"
COUNTERFEIT = pictures.photo(21)
AGAIN = pictures.encode(pictures.emblem(21).resize((300, 300)), "JPEG")  # the same, saved anew
OURS = pictures.photo(1)


def inspected(client: httpx.Client, *photos: bytes) -> str:
    inspection: str = client.post("/v1/inspections", files=parts("photos", photos)).json()["id"]
    return inspection


def reviewed(client: httpx.Client, inspection: str, finding: str) -> httpx.Response:
    return client.put(f"{BRAND}/reviews/{inspection}", json={"finding": finding})


def sent(client: httpx.Client, *photos: bytes) -> list[tuple[str, str | None]]:
    """What an upload that is answered at once says of each file."""
    answer = client.post(f"{BRAND}/references", files=parts("files", photos)).json()
    return told(answer["files"])


def sent_as_job(client: httpx.Client, *photos: bytes) -> list[tuple[str, str | None]]:
    headers = {"Prefer": "respond-async"}
    job = client.post(f"{BRAND}/references", files=parts("files", photos), headers=headers).json()["job"]
    wait_for(lambda: client.get(job).json()["state"] == "done")
    return told(client.get(job).json()["files"])


def told(files: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(each["status"], each["error"] and each["error"]["code"]) for each in files]


REFUSED = ("refused", "reference_counterfeit")


def test_the_pictures_are_what_they_are_taken_for() -> None:
    ours, fake, again = (look_at(decode(each)).fingerprint for each in (OURS, COUNTERFEIT, AGAIN))
    assert differing_bits(fake, again) <= NEAR_DUPLICATE_BITS < differing_bits(ours, again)


def test_a_confirmed_counterfeit_is_refused_as_a_reference_until_it_is_found_genuine(tmp_path: Path) -> None:
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        admin.put(BRAND)
        wait_until_searchable(admin, 0)
        inspection = inspected(admin, COUNTERFEIT, b"no photo")
        assert (answer := reviewed(admin, inspection, "counterfeit")).status_code == 200
        assert (answer.json()["finding"], answer.json()["photos"]) == ("counterfeit", 1)
        lines = admin.get("/v1/audit").json()["lines"]
        assert (lines[0]["action"], lines[0]["detail"]) == ("inspection.reviewed", "counterfeit")
        assert lines[0]["target"] == f"brands/acme/reviews/{inspection}"
    with served(settings_of(tmp_path)) as server, server.client() as admin:  # it was durable
        wait_until_searchable(admin, 0)
        assert sent(admin, AGAIN, OURS) == [REFUSED, ("accepted", None)]
        assert sent_as_job(admin, AGAIN, OURS) == [REFUSED, ("duplicate", None)]
        alone = admin.post(f"{BRAND}/references", files=parts("files", [AGAIN]))
        assert code_of(alone) == "files_refused"
        assert alone.json()["files"][0]["code"] == "reference_counterfeit"
        assert reviewed(admin, inspection, "genuine").status_code == 200
        assert [each["finding"] for each in admin.get(f"{BRAND}/reviews").json()["reviews"]] == ["genuine"]
        assert sent(admin, AGAIN) == [("accepted", None)]


def test_a_brands_own_photograph_in_a_counterfeiters_listing_stays_its_own(fresh: Server) -> None:
    with fresh.client() as admin:
        admin.put(BRAND)
        sent(admin, OURS)
        inspection = inspected_when_ready(admin, OURS)
        reviewed(admin, inspection, "counterfeit")
        copy = pictures.encode(Image.open(io.BytesIO(OURS)).resize((300, 300)), "JPEG")
        assert sent(admin, OURS, copy) == [("duplicate", None), ("near_duplicate", None)]


def inspected_when_ready(client: httpx.Client, photo: bytes) -> str:
    wait_until_searchable(client, 0)
    return inspected(client, photo)


def test_who_may_not_review_is_refused(fresh: Server) -> None:
    with fresh.client() as admin, fresh.client(PIPELINE_KEY) as pipeline:
        admin.put(BRAND)
        inspection = inspected_when_ready(admin, OURS)
        assert code_of(reviewed(admin, "none", "genuine")) == "inspection_unknown"
        assert code_of(reviewed(admin, inspection, "perhaps")) == "request_invalid"
        assert reviewed(pipeline, inspection, "genuine").status_code == 200  # the operator's, with the scope `review`
        team = admin.put(BRAND, json={"issue_key": True}).json()["key"]
        with fresh.client(team) as brand_team:
            assert code_of(reviewed(brand_team, inspection, "genuine")) == "scope_missing"
