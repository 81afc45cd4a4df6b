"""`touchstone switch`, `negatives`, `rollout` and `rescans`."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from index.store import Store
from index.store.kept_listings import Decided, KeptPhoto
from tests.cli.running import Touchstone


@pytest.fixture
def data(enrolled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(enrolled, tmp_path / "data"))


@pytest.fixture
def brand(references: Path) -> str:
    return sorted(path.name for path in references.iterdir())[0]


def test_references_are_switched_off_and_on(touchstone: Touchstone, data: Path, brand: str) -> None:
    versions = touchstone("versions", brand, "--data", data, "--at", 2, "--json").json()
    first, second, _ = [each["id"] for each in versions["added"]]
    off = touchstone("switch", brand, "--off", first, "--off", second, "--data", data, "--json").json()["standings"]
    assert {(each["reference"], each["standing"]) for each in off} == {(first, "off"), (second, "off")}
    assert second not in touchstone("switch", brand, "--on", second, "--data", data).out
    assert first in touchstone("switch", brand, "--data", data).out
    unknown = touchstone("switch", brand, "--off", "none", "--data", data)
    assert (unknown.exit_code, "reference_unknown" in unknown.err) == (3, True)


def test_negatives_are_added_listed_and_withdrawn(
    touchstone: Touchstone, data: Path, brand: str, references: Path, photo: Path, page: Path
) -> None:
    other = sorted(references.rglob("*.jpg"))[-1]
    added = touchstone("negatives", brand, other, page, photo, "--kind", "parody", "--data", data, "--json")
    assert added.exit_code == 3
    assert "negative_is_genuine" not in added.out
    assert "is a genuine reference" in added.err
    (negative,) = added.json()["negatives"]
    assert (negative["kind"], negative["name"]) == ("parody", other.name)
    assert negative["negative"] in touchstone("negatives", brand, "--data", data).out
    assert touchstone("negatives", brand, "--withdraw", negative["negative"], "--data", data).out == ""
    assert touchstone("negatives", brand, other, "--kind", "enemy", "--data", data).exit_code == 3
    assert touchstone("negatives", brand, "absent.jpg", "--kind", "parody", "--data", data).exit_code == 2


def test_a_roll_out_is_begun_shown_and_ended(touchstone: Touchstone, data: Path, brand: str) -> None:
    def rollout(*options: object) -> Any:
        return touchstone("rollout", brand, *options, "--data", data, "--json").json()["rollout"]

    assert rollout() is None
    begun = rollout("--share", 0.25, "--seed", 7)
    assert (begun["share"], begun["seed"], begun["baseline"]) == (0.25, 7, begun["candidate"])
    said = touchstone("rollout", brand, "--data", data).out
    assert "25.0% of listings" in said
    (first, *_) = touchstone("versions", brand, "--at", 2, "--data", data, "--json").json()["added"]
    touchstone("switch", brand, "--off", first["id"], "--data", data)
    grown = rollout("--share", 1)
    assert grown["candidate"] > grown["baseline"] == begun["baseline"]
    assert rollout("--abandon") is None
    assert "no roll-out" in touchstone("rollout", brand, "--data", data).out
    rollout("--share", 0)
    assert rollout("--promote") is None
    again = touchstone("rollout", brand, "--promote", "--data", data)
    assert (again.exit_code, "rollout_absent" in again.err) == (3, True)


@pytest.mark.parametrize("options", [("--share", 2), ("--share", 1, "--promote"), ("--abandon", "--seed", 1)])
def test_a_roll_out_told_two_things_is_refused(
    touchstone: Touchstone, data: Path, brand: str, options: tuple[object, ...]
) -> None:
    assert touchstone("rollout", brand, *options, "--data", data).exit_code == 2


def test_rescans_are_listed_with_what_they_decided_otherwise(touchstone: Touchstone, data: Path, brand: str) -> None:
    store, brand = Store.open(data), brand.lower()
    store.inspections.put("listing", json.dumps({"decision": "divergent", "brand": brand, "set_version": 1}))
    decided = Decided("divergent", brand, store.version())
    store.kept_listings.keep("listing", [KeptPhoto("a.jpg", b"a")], [brand], decided, True, timedelta(days=1), 2**20)
    first = store.references(brand)[0].id
    touchstone("switch", brand, "--off", first, "--data", data)
    rescan = store.rescans.claim("worker", store.version())
    assert rescan is not None
    (listing,) = store.kept_listings.left_for(rescan, 2)
    found = Decided("unrecognised", None, store.version())
    store.rescans.looked(rescan, "worker", listing, found, json.dumps({"decision": "unrecognised", "set_version": 9}))
    store.rescans.finish(rescan)
    store.close()
    told = touchstone("rescans", brand, "--data", data, "--json").json()
    assert [(each["cause"], each["state"]) for each in told["rescans"]] == [("switched_off", "done")]
    (revised,) = told["revisions"]
    assert (revised["inspection"], revised["was"], revised["is"]) == ("listing", "divergent", "unrecognised")
    assert "listing" in touchstone("rescans", brand, "--data", data).out
    other = touchstone("rescans", brand, "--organisation", "north", "--data", data, "--json").json()
    assert other["revisions"] == []
