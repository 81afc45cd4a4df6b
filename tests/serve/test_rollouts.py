"""A new version of a set judges a share of listings, and is promoted or abandoned, over the wire."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from index.store import Arm, Rollout
from index.store.rollouts import arm_of
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import PIPELINE_KEY, Server, code_of, parts, wait_until_searchable

ROLLOUT = "/v1/brands/acme/rollout"
HALF = Rollout("acme", 0, 0, 0.5, 0, 0, datetime.now(UTC))
ARMS: tuple[Arm, ...] = ("candidate", "baseline")
# Listings that half a share draws for either.
LISTING = {arm: next(name for name in map(str, range(100)) if arm_of(HALF, name) == arm) for arm in ARMS}
OLD_MARK, NEW_MARK = 5, 9  # seeds of the emblems that the set showed, and that its new version shows too


def inspected(client: httpx.Client, seed: int, listing: str | None = None, altered: int = 0) -> dict[str, Any]:
    said = {} if listing is None else {"listing_id": listing}
    answer = client.post("/v1/inspections", files=parts("photos", [pictures.photo(seed, 1, altered)]), data=said)
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


@pytest.fixture
def admin(fresh: Server) -> Iterator[httpx.Client]:
    """Half of the listings are judged by a set to which a second emblem was added."""
    with fresh.client() as client:
        enrol(client, "zenith", 7, views=1)
        enrol(client, "acme", OLD_MARK, views=1)
        assert client.put(ROLLOUT, json={"share": 0.0}).status_code == 200
        upload = parts("files", [pictures.photo(NEW_MARK)])
        version = client.post("/v1/brands/acme/references", files=upload).json()["version"]
        wait_until_searchable(client, version)
        assert inspected(client, NEW_MARK, LISTING["candidate"])["brand"] is None  # a share of 0 judges nobody
        assert client.put(ROLLOUT, json={"share": 0.5}).json()["candidate"] == version
        yield client


def recognised(client: httpx.Client, seed: int) -> dict[str, str | None]:
    """What brand a photo of an emblem is taken for, by the side that a listing is drawn for."""
    return {arm: inspected(client, seed, listing)["brand"] for arm, listing in LISTING.items()}


BOTH, NEITHER = {"candidate": "acme", "baseline": "acme"}, {"candidate": None, "baseline": None}
ONE = {"candidate": "acme", "baseline": None}


def test_a_share_is_judged_by_the_new_version_until_it_is_promoted(admin: httpx.Client) -> None:
    rollout = admin.get(ROLLOUT).json()
    assert recognised(admin, NEW_MARK) == recognised(admin, NEW_MARK) == ONE
    known = {arm: inspected(admin, OLD_MARK, listing) for arm, listing in LISTING.items()}
    assert {arm: (each["arm"], each["set_version"]) for arm, each in known.items()} == {
        arm: (arm, rollout[arm]) for arm in ARMS
    }
    assert len({each["gallery_version"] for each in known.values()}) == 2
    unnamed = inspected(admin, NEW_MARK)
    assert (unnamed["brand"], unnamed["arm"], unnamed["set_version"]) == (None, None, None)
    other = inspected(admin, 7, LISTING["baseline"])
    assert (other["brand"], other["arm"], other["set_version"] is None) == ("zenith", None, False)
    inspected(admin, OLD_MARK, LISTING["candidate"], altered=1)
    counted = {each["arm"]: each for each in admin.get(ROLLOUT).json()["arms"]}
    # Of the baseline, one was by the share of 0 (above), one had no id and one showed another brand.
    assert [tuple(counted[arm].values())[2:] for arm in ARMS] == [(4, 4, 1, 0), (6, 1, 0, 0)]

    promoted = admin.post(f"{ROLLOUT}/promote").json()
    assert recognised(admin, NEW_MARK) == BOTH  # at once
    wait_until_searchable(admin, promoted["version"])
    last = inspected(admin, NEW_MARK)
    assert (last["brand"], last["arm"], last["set_version"]) == ("acme", None, rollout["candidate"])
    assert code_of(admin.post(f"{ROLLOUT}/promote")) == "rollout_absent"


def test_abandoned_the_baseline_judges_all_at_once_and_the_set_is_the_baseline(admin: httpx.Client) -> None:
    (_, new) = (each["id"] for each in admin.get("/v1/brands/acme/references").json()["references"])
    both = admin.get(ROLLOUT).json()["candidate"]
    assert recognised(admin, NEW_MARK) == ONE
    abandoned = admin.post(f"{ROLLOUT}/abandon").json()
    assert abandoned["set_aside"] == 1
    assert (recognised(admin, NEW_MARK), recognised(admin, OLD_MARK)) == (NEITHER, BOTH)  # at once
    wait_until_searchable(admin, abandoned["version"])
    assert recognised(admin, NEW_MARK) == NEITHER
    assert len(admin.get("/v1/brands/acme/references").json()["references"]) == 1
    assert code_of(admin.post(f"{ROLLOUT}/abandon")) == "rollout_absent"

    # What only the baseline shows, since it was set aside before, is withdrawn from that at once.
    begun = admin.put(ROLLOUT, json={"share": 0.5, "baseline": both}).json()["begun"]
    wait_until_searchable(admin, begun)
    assert recognised(admin, NEW_MARK) == {"candidate": None, "baseline": "acme"}
    admin.delete(f"/v1/brands/acme/references/{new}")
    assert recognised(admin, NEW_MARK) == NEITHER
    assert inspected(admin, OLD_MARK, LISTING["baseline"])["set_version"] == both


def test_what_leaves_the_set_leaves_both_versions_at_once(admin: httpx.Client) -> None:
    first = admin.get("/v1/brands/acme/references").json()["references"][0]["id"]
    path = f"/v1/brands/acme/references/{first}"
    off = admin.post(f"{path}/off").json()
    assert (recognised(admin, OLD_MARK), recognised(admin, NEW_MARK)) == (NEITHER, ONE)  # before a gallery is built
    wait_until_searchable(admin, off["version"])
    assert recognised(admin, OLD_MARK) == NEITHER
    wait_until_searchable(admin, admin.post(f"{path}/on").json()["version"])
    assert recognised(admin, OLD_MARK) == BOTH
    gone = admin.delete(path).json()
    assert recognised(admin, OLD_MARK) == NEITHER
    wait_until_searchable(admin, gone["version"])
    assert (recognised(admin, OLD_MARK), recognised(admin, NEW_MARK)) == (NEITHER, ONE)


def test_only_those_who_may_write_roll_out(fresh: Server) -> None:
    with fresh.client() as admin, fresh.client(PIPELINE_KEY) as pipeline:
        enrol(admin, "acme", OLD_MARK, views=1)
        for refused in (pipeline.put(ROLLOUT, json={"share": 0.5}), pipeline.post(f"{ROLLOUT}/promote")):
            assert code_of(refused) == "scope_missing"
        scopes = ["references:read"]
        with fresh.client(admin.post("/v1/keys", json={"scopes": scopes}).json()["key"]) as reader:
            assert code_of(reader.put(ROLLOUT, json={"share": 0.5})) == "scope_missing"
            assert code_of(reader.get(ROLLOUT)) == "rollout_absent"
        for share in (-0.1, 1.1):
            assert code_of(admin.put(ROLLOUT, json={"share": share})) == "request_invalid"
