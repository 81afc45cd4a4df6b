"""What the store keeps, forgets and refuses; on SQLite and on PostgreSQL alike."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.reference_set import Addition, admit
from index.store import OPERATOR, Grant, Place, Store
from index.store.database import Database
from index.store.folder_blobs import FolderBlobs
from tests.index.pictures import additions, photo, upload
from vision.errors import (
    BlobDamaged,
    BrandUnknown,
    InspectionUnknown,
    ReferenceUnknown,
)

ONE, TWO = additions(1, views=3), additions(2, views=2)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    opened = Store.at(place)
    yield opened
    opened.close()


def blobs_in(folder: Path) -> set[str]:
    return {path.name for path in (folder / "blobs").rglob("*") if path.is_file()}


def test_brands_are_kept_and_renamed(store: Store) -> None:
    made = store.put_brand("acme", "Acme Inc.")
    assert (made.id, made.name, made.references) == ("acme", "Acme Inc.", 0)
    assert datetime.now(UTC) - made.created < timedelta(minutes=1)
    assert store.put_brand("acme") == made  # says nothing of the name, so keeps it
    assert store.put_brand("acme", "ACME").name == "ACME"
    store.put_brand("aardvark")
    assert [brand.id for brand in store.brands()] == ["aardvark", "acme"]


def test_references_come_back_as_admitted(store: Store) -> None:
    store.put_brand("acme")
    assert store.put_references("acme", ONE).count == 3
    kept = store.references("acme")
    assert [reference.id for reference in kept] == [addition.id for addition in ONE]
    first, look = kept[0], ONE[0].look
    assert (first.brand, first.name, first.sha256) == ("acme", ONE[0].name, look.sha256)
    assert (first.format, first.width, first.height) == ("jpeg", look.width, look.height)
    assert (first.fingerprint, first.sharpness) == (look.fingerprint, look.sharpness)
    assert store.blob(first.sha256) == photo(1)
    assert store.versions.kept("acme", first.id) == first
    assert store.brand("acme").references == 3


def test_what_is_stored_is_known_to_admission(store: Store) -> None:
    store.put_brand("acme")
    store.put_references("acme", ONE)
    assert admit(store.references("acme"), [upload(1)]).additions == ()


def test_references_stay_in_the_order_added(store: Store) -> None:
    for brand in ("b", "a"):
        store.put_brand(brand)
        store.put_references(brand, ONE[::-1])
        store.put_references(brand, TWO)
    order = [addition.id for addition in ONE[::-1] + TWO]
    assert [(r.brand, r.id) for r in store.references()] == [(brand, i) for brand in "ab" for i in order]


def test_versions_grow_with_changes_only(store: Store) -> None:
    versions = [store.version()]
    store.put_brand("acme")
    versions.append(store.version())
    versions.append(store.put_references("acme", ONE).version)
    versions.append(store.withdraw("acme", ONE[0].id).version)
    versions.append(store.withdraw_all("acme").version)
    assert versions == sorted(set(versions))
    assert store.put_references("acme", ()).version == store.withdraw_all("acme").version == versions[-1]
    store.inspections.put("1", "{}")
    store.keys.add("key", "hash", Grant(OPERATOR, ("admin",)))
    assert store.version() == versions[-1]


def test_the_same_upload_twice_is_stored_once(store: Store) -> None:
    store.put_brand("acme")
    first, again = store.put_references("acme", ONE), store.put_references("acme", ONE)
    assert (again.version, again.count) == (first.version, 0)


def test_withdrawing_erases_the_photo(store: Store, tmp_path: Path) -> None:
    store.put_brand("acme")
    store.put_references("acme", ONE)
    store.withdraw("acme", ONE[0].id)
    assert [reference.id for reference in store.references("acme")] == [addition.id for addition in ONE[1:]]
    assert blobs_in(tmp_path) == {addition.sha256 for addition in ONE[1:]}
    assert store.withdraw_all("acme").count == 2
    assert blobs_in(tmp_path) == set()


def test_a_photo_that_another_brand_has_stays(store: Store) -> None:
    for brand in ("acme", "other"):
        store.put_brand(brand)
        store.put_references(brand, ONE[:1])
    store.withdraw("acme", ONE[0].id)
    assert store.blob(ONE[0].sha256) == photo(1)
    store.withdraw("other", ONE[0].id)
    with pytest.raises(BlobDamaged, match="is absent"):
        store.blob(ONE[0].sha256)


def test_what_is_unknown_is_named(store: Store) -> None:
    with pytest.raises(BrandUnknown, match="'nobody' is not enrolled"):
        store.put_references("nobody", ONE)
    with pytest.raises(BrandUnknown):
        store.references("nobody")
    with pytest.raises(BrandUnknown):
        store.withdraw_all("nobody")
    store.put_brand("acme")
    with pytest.raises(ReferenceUnknown, match="no reference '123'"):
        store.withdraw("acme", "123")
    with pytest.raises(InspectionUnknown):
        store.inspections.get("1")


def test_an_altered_blob_is_named(store: Store, tmp_path: Path) -> None:
    store.put_brand("acme")
    store.put_references("acme", ONE[:1])
    sha256 = ONE[0].sha256
    (tmp_path / "blobs" / sha256[:2] / sha256).write_bytes(b"other bytes")
    with pytest.raises(BlobDamaged, match="altered"):
        store.blob(sha256)


def test_orphans_are_swept_and_no_other(store: Store, tmp_path: Path) -> None:
    store.put_brand("acme")
    store.put_references("acme", ONE[:1])
    store.inspections.put("1", "{}", evidence=b"picture")
    orphan = tmp_path / "blobs" / "ab" / ("ab" * 32)
    orphan.write_bytes(b"a writer died before its rows")
    assert store.sweep() == 1
    assert not orphan.exists()
    assert store.blob(ONE[0].sha256) == photo(1)
    assert store.inspections.get("1").evidence == b"picture"


def test_only_files_whose_writer_is_long_dead_are_swept(store: Store, tmp_path: Path) -> None:
    dead, alive = tmp_path / "blobs" / "ab" / ".dead", tmp_path / "blobs" / "ab" / ".alive"
    for path in (dead, alive):
        path.write_bytes(b"half a phot")
    os.utime(dead, (0, 0))
    assert store.sweep() == 0
    assert (dead.exists(), alive.exists()) == (False, True)


def test_inspections_are_kept_with_their_evidence(store: Store) -> None:
    with_picture = store.inspections.put("1", '{"decision": "divergent"}', b"picture", listing_id="L-7")
    without = store.inspections.put("2", "{}")
    assert store.inspections.get("1") == with_picture
    assert store.inspections.get("2") == without
    assert (with_picture.evidence, with_picture.listing_id, without.evidence) == (b"picture", "L-7", None)


def test_everything_is_there_after_opening_again(store: Store, place: Place) -> None:
    store.put_brand("acme")
    store.put_references("acme", ONE)
    before, version = store.snapshot(), store.version()
    store.close()
    again = Store.at(place)
    assert again.snapshot() == before
    assert (again.id, again.version()) == (before.store_id, version)
    again.close()


def test_two_stores_are_told_apart(tmp_path: Path) -> None:
    a, b = Store.open(tmp_path / "a"), Store.open(tmp_path / "b")
    assert a.id != b.id
    a.close()
    b.close()


def test_a_sqlite_file_is_written_ahead_and_synced_at_every_commit(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with store._database.reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    store.close()
    assert pragmas == ["wal", 2]  # 2: FULL


def test_threads_share_a_store(store: Store, tmp_path: Path) -> None:
    """Eight threads, two brands, the same photos put and withdrawn: every row left has its photo."""
    for brand in ("acme", "other"):
        store.put_brand(brand)

    def churn(number: int) -> None:
        brand = ("acme", "other")[number % 2]
        for round_number in range(6):
            store.put_references(brand, (ONE + TWO)[round_number % 5 :])
            store.references(brand)
            if number < 4:
                store.withdraw_all(brand)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(churn, range(8)))
    for reference in store.references():
        assert store.blob(reference.sha256)
    assert {reference.sha256 for reference in store.references()} == blobs_in(tmp_path)


def test_a_photo_withdrawn_while_it_is_put_again_stays(store: Store, place: Place) -> None:
    """Between the blobs and the rows of one upload, another brand withdraws the same photo."""

    class Interrupted(FolderBlobs):
        def put_all(self, items: Iterable[tuple[str, bytes]]) -> None:
            super().put_all(items)
            if store.references("other"):
                store.withdraw_all("other")

    store.put_brand("other")
    store.put_brand("acme")
    store.put_references("other", ONE)
    interrupted = Store(Database(place.database()), Interrupted(place.data_dir / "blobs"))
    interrupted.put_references("acme", ONE)
    interrupted.close()
    assert [store.blob(reference.sha256) for reference in store.references()] == [photo(1, view) for view in range(3)]


def test_a_version_is_never_given_twice(store: Store) -> None:
    sets: list[tuple[Addition, ...]] = [(addition,) for addition in ONE + TWO]
    for number in range(5):
        store.put_brand(f"brand {number}")
    with ThreadPoolExecutor(5) as pool:
        changes = list(pool.map(lambda n: store.put_references(f"brand {n}", sets[n]), range(5)))
    assert sorted(change.version for change in changes) == [6, 7, 8, 9, 10]


def test_a_snapshot_is_of_one_moment(store: Store) -> None:
    """However many statements read it: its version and its references belong together."""
    store.put_brand("acme")
    done = False

    def churn() -> None:
        for _ in range(20):
            store.put_references("acme", ONE)
            store.withdraw_all("acme")

    with ThreadPoolExecutor(1) as pool:
        churning = pool.submit(churn)
        while not done:
            done = churning.done()
            snapshot = store.snapshot()
            assert len(snapshot.references) == (3 if snapshot.version % 2 == 0 else 0)
        churning.result()


def test_brands_have_one_order_everywhere(store: Store) -> None:
    for brand in ("a-b", "ab", "\u00e9clat", "a b", "zeta"):
        store.put_brand(brand)
        store.put_references(brand, ONE[:1])
    assert [brand.id for brand in store.brands()] == ["a b", "a-b", "ab", "zeta", "\u00e9clat"]
    assert [reference.brand for reference in store.references()] == [brand.id for brand in store.brands()]
