"""Listings are kept for a while and looked at again when a set changes, on SQLite and on PostgreSQL alike."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from index.store import Rescan, Store, leases
from index.store.blobs import name_of
from index.store.kept_listings import Decided, KeptPhoto
from index.store.rescan_tables import rescans as table
from tests.index.pictures import additions
from vision.errors import BlobDamaged, BrandUnknown

A, B, C = additions(1, views=3)
A_DAY, MUCH = timedelta(days=1), 2**20
WORKER = "worker"


def kept(
    store: Store,
    name: str,
    decision: str = "consistent",
    *candidates: str,
    photo: bytes = b"",
    keep_for: timedelta = A_DAY,
    most_bytes: int = MUCH,
    judged_by: int | None = None,
) -> int:
    """An inspection on record whose photo is kept; gives how many had to go for it."""
    store.inspections.put(name, json.dumps({"decision": decision, "brand": "acme", "set_version": 1}))
    decided = Decided(decision, "acme", store.version() if judged_by is None else judged_by)
    photos = [KeptPhoto(f"{name}.jpg", photo or name.encode())]
    return store.kept_listings.keep(name, photos, candidates or ("acme",), decided, True, keep_for, most_bytes)


def left(store: Store, rescan: Rescan) -> list[str]:
    return [each.inspection for each in store.kept_listings.left_for(rescan, 10)]


def waiting(store: Store, brand: str = "acme") -> list[tuple[str, int]]:
    return [(each.cause, each.version) for each in store.rescans.of(brand) if each.state == "waiting"]


def claimed(store: Store, worker: str = WORKER) -> Rescan:
    rescan = store.rescans.claim(worker, store.version())
    assert rescan is not None
    return rescan


def looked(store: Store, rescan: Rescan, decision: str, brand: str | None = "acme", worker: str = WORKER) -> bool:
    """Look at the first that is left; whether that revised it."""
    (listing,) = store.kept_listings.left_for(rescan, 1)
    found = Decided(decision, brand, store.version())
    changed = (decision, brand) != (listing.standing.decision, listing.standing.brand)
    said = json.dumps({"decision": decision, "set_version": 7}) if changed else None
    return store.rescans.looked(rescan, worker, listing, found, said)


def test_whatever_changes_a_set_orders_a_rescan_of_what_it_may_concern(store: Store) -> None:
    store.put_references("acme", [A])
    assert waiting(store) == []  # nothing is kept
    kept(store, "1")
    causes = []
    store.put_references("acme", [B])
    causes += waiting(store)
    store.switches.off("acme", B.id)
    causes += waiting(store)
    store.switches.on("acme", B.id)
    causes += waiting(store)
    store.negatives.put("acme", "parody", [C])
    causes += waiting(store)
    store.rollouts.put("acme", 0.5)
    store.rollouts.promote("acme")
    causes += waiting(store)
    store.withdraw("acme", A.id)
    causes += waiting(store)
    expected = ["added", "switched_off", "switched_on", "negatives", "promoted", "withdrawn"]
    assert [cause for cause, _ in causes] == expected  # one waits at a time, for the last of them
    assert causes[-1][1] == store.version()
    store.put_brand("zenith")
    store.put_references("zenith", [A])
    assert waiting(store, "zenith") == []
    with pytest.raises(BrandUnknown):
        store.rescans.of("nobody")


def test_one_is_claimed_once_its_change_is_searchable(store: Store) -> None:
    store.put_references("acme", [A])
    kept(store, "1")
    version = store.put_references("acme", [B]).version
    assert store.rescans.claim(WORKER, version - 1) is None
    assert claimed(store).version == version
    assert store.rescans.claim("another", version) is None
    assert [each.state for each in store.rescans.of("acme")] == ["running"]


def test_what_a_change_concerns_is_looked_at_flagged_ones_first(store: Store) -> None:
    store.put_references("acme", [A])
    kept(store, "old")
    kept(store, "flagged", "divergent")
    kept(store, "another's", "consistent", "zenith")
    kept(store, "new", "consistent", "zenith", "acme")
    store.put_references("acme", [B])
    kept(store, "since")  # by a gallery that has the change
    rescan = claimed(store)
    assert left(store, rescan) == ["flagged", "new", "old"]
    assert looked(store, rescan, "consistent")
    assert not looked(store, rescan, "consistent")
    assert left(store, rescan) == ["old"]
    assert looked(store, rescan, "unrecognised", None)
    assert left(store, rescan) == []
    store.rescans.finish(rescan)
    assert [(each.state, each.finished is None) for each in store.rescans.of("acme")] == [("done", False)]

    told = store.revisions.page("operator", 10)
    assert [(each.inspection, each.old_decision, each.decision, each.brand, each.set_version) for each in told] == [
        ("old", "consistent", "unrecognised", None, 7),
        ("flagged", "divergent", "consistent", "acme", 7),
    ]
    assert {(each.changed, each.cause) for each in told} == {("acme", "added")}
    assert json.loads(store.inspections.get("flagged").verdict)["decision"] == "divergent"  # as it was answered
    assert [each.inspection for each in store.revisions.page("operator", 1, before=told[0].number)] == ["flagged"]
    assert [each.inspection for each in store.revisions.page("operator", 9, inspection="old")] == ["old"]
    assert store.revisions.page("operator", 9, within="acme") == store.revisions.page("north", 9) == ()


def test_one_whose_worker_died_is_gone_on_with_where_it_was(store: Store) -> None:
    store.put_references("acme", [A])
    kept(store, "1")
    kept(store, "2", "divergent")
    store.put_references("acme", [B])
    first = claimed(store)
    assert looked(store, first, "consistent")
    (stale,) = store.kept_listings.left_for(first, 1)
    expire(store)
    second = claimed(store, "another")
    assert second.id == first.id
    assert looked(store, second, "divergent", worker="another")
    found = Decided("unrecognised", None, store.version())
    assert not store.rescans.looked(first, WORKER, stale, found, '{"set_version": 1}')  # it was slow, and is not dead
    assert [each.inspection for each in store.revisions.page("operator", 9)] == ["1", "2"]


def test_one_that_kills_its_workers_fails_after_some(store: Store) -> None:
    store.put_references("acme", [A])
    kept(store, "1")
    store.put_references("acme", [B])
    for _ in range(leases.MOST_ATTEMPTS):
        claimed(store)
        expire(store)
    assert store.rescans.claim(WORKER, store.version()) is None
    (failed,) = store.rescans.of("acme")
    assert (failed.state, failed.fault) == ("failed", "it was begun 5 times in vain")


def test_one_given_back_is_not_held_against_it(store: Store) -> None:
    store.put_references("acme", [A])
    kept(store, "1")
    store.put_references("acme", [B])
    for _ in range(2 * leases.MOST_ATTEMPTS):
        claimed(store)
        store.rescans.release(WORKER)


def test_a_listing_judged_while_its_brand_changed_is_looked_at_too(store: Store) -> None:
    before = store.put_references("acme", [A]).version
    version = store.put_references("acme", [B]).version
    kept(store, "1", judged_by=before)
    assert waiting(store) == [("changed meanwhile", version)]


def test_photos_go_when_their_time_is_over(store: Store) -> None:
    kept(store, "1", photo=b"over", keep_for=timedelta(0))
    kept(store, "2", photo=b"kept")
    assert [photo.data for photo in store.kept_listings.photos("1")] == [b"over"]
    assert store.sweep() == 1
    assert store.kept_listings.photos("1") == ()
    with pytest.raises(BlobDamaged):
        store.blob(name_of(b"over"))
    assert store.blob(name_of(b"kept")) == b"kept"
    assert store.inspections.get("1").id == "1"


def test_an_organisations_photos_take_so_much_and_the_oldest_go_first(store: Store) -> None:
    assert [kept(store, name, photo=name.encode() * 40, most_bytes=100) for name in "abc"] == [0, 0, 1]
    assert [len(store.kept_listings.photos(name)) for name in "abc"] == [0, 1, 1]
    with pytest.raises(BlobDamaged):
        store.blob(name_of(b"a" * 40))  # at once
    assert kept(store, "d", photo=b"d" * 101, most_bytes=100) == 0  # too large to be kept at all
    assert [len(store.kept_listings.photos(name)) for name in "bcd"] == [1, 1, 0]
    assert kept(store, "e", photo=b"e" * 90, most_bytes=100) == 2


def expire(store: Store) -> None:
    """The worker was not heard of for long."""
    with store._database.writing() as connection:
        connection.execute(update(table).values(held_until=datetime.now(UTC) - timedelta(seconds=1)))
