"""Inspections are found by whose they are and what was decided, on SQLite and on PostgreSQL alike."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from index.store import Store
from index.store.inspections import Wanted
from vision.errors import InspectionUnknown

NORTH = Wanted("north")


def put(store: Store, name: str, decision: str, brand: str | None, within: str | None = None) -> None:
    said = json.dumps({"decision": decision, "brand": brand, "set_version": 7, "arm": "baseline"})
    store.inspections.put(name, said, listing_id=f"L-{name}", organisation="north", within=within)


@pytest.fixture
def kept(store: Store) -> Store:
    put(store, "a", "divergent", "acme")
    put(store, "b", "consistent", "acme", within="acme")
    put(store, "c", "unrecognised", None)
    put(store, "d", "divergent", "zenith")
    store.inspections.put("e", '{"decision": "divergent", "brand": "acme"}', organisation="south")
    return store


def names(store: Store, wanted: Wanted, limit: int = 10, after: str | None = None) -> str:
    return "".join(line.id for line in store.inspections.page(wanted, limit, after))


def test_they_are_listed_newest_first_in_pages(kept: Store) -> None:
    assert names(kept, NORTH) == "dcba"
    assert [names(kept, NORTH, 2, after) for after in (None, "c", "a")] == ["dc", "ba", ""]
    put(kept, "f", "divergent", "acme")
    assert names(kept, NORTH, 2, "c") == "ba"  # what comes meanwhile moves no page


def test_they_are_found_by_what_was_decided(kept: Store) -> None:
    assert names(kept, Wanted("north", decision="divergent")) == "da"
    assert names(kept, Wanted("north", brand="acme")) == "ba"
    assert names(kept, Wanted("north", decision="divergent", brand="acme")) == "a"
    assert names(kept, Wanted("north", within="acme")) == "b"
    assert names(kept, Wanted("south")) == "e"
    now = datetime.now(UTC)
    assert [names(kept, Wanted("north", since=now + timedelta(hours=h))) for h in (-1, 1)] == ["dcba", ""]


def test_a_line_tells_the_review_too(kept: Store) -> None:
    kept.reviews.put("a", "acme", "counterfeit")
    (line,) = kept.inspections.page(Wanted("north", decision="divergent", brand="acme"), 1)
    assert (line.listing_id, line.set_version, line.arm, line.finding) == ("L-a", 7, "baseline", "counterfeit")
    assert [each.finding for each in kept.inspections.page(NORTH, 2)] == [None, None]


@pytest.mark.parametrize(("wanted", "after"), [(NORTH, "none"), (NORTH, "e"), (Wanted("north", within="acme"), "a")])
def test_a_page_after_what_is_not_among_them_is_refused(kept: Store, wanted: Wanted, after: str) -> None:
    with pytest.raises(InspectionUnknown):
        kept.inspections.page(wanted, 10, after)
