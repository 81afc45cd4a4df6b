"""Past inspections are looked at again when a set changes, and what is decided otherwise is told beside the answer."""

from pathlib import Path
from typing import Any

import httpx

from index.store import Store
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import Server, code_of, parts, served, settings_of, wait_for, wait_until_searchable

RESCANS = "/v1/brands/acme/rescans"


def inspected(client: httpx.Client, photo: bytes, **said: str) -> dict[str, Any]:
    answer = client.post("/v1/inspections", files=parts("photos", [b"no photo", photo]), data=said)
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


def revisions(client: httpx.Client) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = client.get("/v1/revisions").json()["revisions"]
    return told


def wait_until_done(client: httpx.Client, version: int) -> None:
    def done() -> bool:
        told = client.get(RESCANS).json()["rescans"]
        return any(each["version"] >= version for each in told) and {each["state"] for each in told} == {"done"}

    wait_for(done)


def test_what_a_change_decides_otherwise_is_told_and_what_was_answered_stays(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, keep_listings_days=1)
    with served(settings) as server, server.client() as admin:
        enrol(admin, "zenith", 7, views=1)
        version = enrol(admin, "acme", 5, views=1)
        wait_until_searchable(admin, version)
        flagged = inspected(admin, pictures.photo(5, 1, altered=1), listing_id="L-1")
        genuine = inspected(admin, pictures.photo(5, 2))
        claiming = inspected(admin, pictures.photo(9, 1), claimed_brand="acme")
        assert [each["decision"] for each in (flagged, genuine, claiming)] == [
            "divergent",
            "consistent",
            "unrecognised",
        ]
        assert admin.get(RESCANS).json()["rescans"] == []

        # The design that was flagged was genuine all along, and so is another that nobody knew.
        upload = parts("files", [pictures.photo(5, 0, altered=1), pictures.photo(9)])
        added = admin.post("/v1/brands/acme/references", files=upload).json()["version"]
        wait_until_done(admin, added)
        told = {each["inspection"]: each for each in revisions(admin)}
        assert set(told) == {flagged["id"], claiming["id"]}
        assert [told[each["id"]]["old_decision"] for each in (flagged, claiming)] == ["divergent", "unrecognised"]
        assert {(each["decision"], each["brand"], each["set_version"]) for each in told.values()} == {
            ("consistent", "acme", added)
        }
        assert {(each["changed"], each["cause"]) for each in told.values()} == {("acme", "added")}
        assert admin.get(f"/v1/inspections/{flagged['id']}").json() == flagged
        (answer,) = admin.get(f"/v1/inspections/{flagged['id']}/revisions").json()["answers"]
        assert (answer["id"], answer["decision"], answer["listing_id"]) == (flagged["id"], "consistent", "L-1")
        assert admin.get(f"/v1/inspections/{genuine['id']}/revisions").json()["answers"] == []
        assert 'touchstone_rescanned_total{outcome="unchanged"} 1.0' in admin.get("/metrics").text

    # A change that nobody is there to follow waits for the next start.
    store = Store.open(tmp_path)
    first = store.references("acme")[0].id
    withdrawn = store.withdraw("acme", first).version
    assert store.rescans.of("acme")[0].state == "waiting"
    store.close()
    with served(settings) as server, server.client() as admin:
        wait_until_done(admin, withdrawn)
        newest = revisions(admin)[0]
        assert (newest["inspection"], newest["cause"]) == (genuine["id"], "withdrawn")
        assert (newest["old_decision"], newest["decision"]) != ("consistent", "consistent")
        page = admin.get("/v1/revisions", params={"limit": 1}).json()
        assert page["next"] == newest["number"]
        older = admin.get("/v1/revisions", params={"before": page["next"]}).json()["revisions"]
        assert {flagged["id"], claiming["id"]} <= {each["inspection"] for each in older}


def test_nothing_is_kept_unless_it_is_asked_for(fresh: Server, tmp_path: Path) -> None:
    with fresh.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 5, views=1))
        before = len(list((tmp_path / "blobs").rglob("*")))
        inspected(admin, pictures.noise())
        assert len(list((tmp_path / "blobs").rglob("*"))) == before
        admin.post("/v1/brands/acme/references", files=parts("files", [pictures.photo(9)]))
        assert (admin.get(RESCANS).json()["rescans"], revisions(admin)) == ([], [])
        assert code_of(admin.get("/v1/inspections/none/revisions")) == "inspection_unknown"


def test_a_key_sees_the_revisions_of_its_own(tmp_path: Path) -> None:
    """A brand's set is changed by its team; a marketplace's listing is revised, and only the marketplace is told."""
    with served(settings_of(tmp_path, keep_listings_days=1)) as server, server.client() as operator:
        operator.put("/v1/organisations/north")
        operator.put("/v1/organisations/market")
        operator.put("/v1/brands/acme", json={"organisation": "north"})
        keys = {
            "north": {"organisation": "north", "scopes": ["references:write", "references:read", "review"]},
            "market": {"organisation": "market", "scopes": ["inspect:all", "review"]},
        }
        secrets = {name: operator.post("/v1/keys", json=asked).json()["key"] for name, asked in keys.items()}
        with server.client(secrets["north"]) as north, server.client(secrets["market"]) as market:
            path = "/v1/brands/acme/references"
            first = north.post(path, files=parts("files", [pictures.photo(5)])).json()
            wait_until_searchable(market, first["version"])
            listing = inspected(market, pictures.photo(5, 1))
            assert listing["brand"] == "acme"
            gone = north.delete(f"{path}/{first['files'][0]['reference']}").json()
            wait_until_done(north, gone["version"])
            (told,) = revisions(market)
            assert (told["inspection"], told["old_brand"], told["brand"]) == (listing["id"], "acme", None)
            assert revisions(north) == []
            assert code_of(north.get(f"/v1/inspections/{listing['id']}/revisions")) == "inspection_unknown"
