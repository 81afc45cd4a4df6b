"""What disks and databases do to a store: each fault has its name, nothing acknowledged is lost, and it recovers."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from index import build
from index.gallery import Gallery
from index.look import Look
from index.reference_set import Addition
from index.store import Place, Store
from index.store.blobs import name_of
from index.store.database import Database
from index.store.tables import state
from tests.disks import full, read_only, small_disk
from tests.index.conftest import House
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import additions
from tests.postgres import Cluster
from vision.errors import (
    FingerprintMismatch,
    GalleryDamaged,
    StorageFull,
    StorageReadOnly,
    StoreDamaged,
    StoreUnavailable,
)

ONE = additions(1, views=2)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "8m") as mounted:
        yield mounted


@pytest.fixture
def store(disk: Path) -> Iterator[Store]:
    """With two references and their gallery, on the small disk."""
    opened = Store.open(disk / "data")
    opened.put_brand("acme")
    opened.put_references("acme", ONE)
    build.build(opened, LayoutEmbedder(), disk / "data" / "gallery")
    yield opened
    opened.close()


def random_addition(size: int) -> Addition:
    data = bytes(range(256)) * (size // 256)
    sha256 = name_of(data)
    return Addition(sha256[:16], "photo.jpg", Look(sha256, "jpeg", 100, 100, 0, 0.1), data)


def require_intact(store: Store) -> None:
    """What was acknowledged is there, and nothing half."""
    assert [store.blob(reference.sha256) for reference in store.references("acme")] == [each.data for each in ONE]


def unfinished(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*") if path.is_file() and path.name != ".lock"]


def test_a_photo_that_does_not_fit_is_refused_and_leaves_nothing(store: Store, disk: Path) -> None:
    with pytest.raises(StorageFull, match="no room left") as fault:
        store.put_references("acme", [random_addition(16 * 2**20)])
    assert "No space left" in "".join(fault.value.__notes__)
    require_intact(store)
    assert unfinished(disk) == []
    assert store.put_references("acme", additions(2)).count == 1  # a smaller one fits


def test_rows_on_a_full_disk_are_refused_and_written_once_there_is_room(store: Store, disk: Path) -> None:
    def put_many() -> None:
        for number in range(1000):  # until the room that its files have is used up
            store.put_brand(f"brand {number}", "n" * 200)

    with full(disk):
        with pytest.raises(StorageFull):
            put_many()
        require_intact(store)
    assert store.put_brand("zenith").id == "zenith"
    require_intact(store)


def test_a_gallery_on_a_full_disk_stays_as_it_was(store: Store, disk: Path) -> None:
    embedder, gallery = LayoutEmbedder(), disk / "data" / "gallery"
    before = Gallery.load(gallery, embedder.fingerprint).version
    store.put_references("acme", additions(2, 3))
    with full(disk), pytest.raises(StorageFull):
        build.build(store, embedder, gallery)
    assert Gallery.load(gallery, embedder.fingerprint).version == before
    assert unfinished(gallery) == []
    assert build.build(store, embedder, gallery).version != before


def test_a_read_only_disk_is_named_and_what_it_holds_is_read(store: Store, disk: Path) -> None:
    embedder, gallery = LayoutEmbedder(), disk / "data" / "gallery"
    with read_only(disk):
        with pytest.raises(StorageReadOnly, match="cannot be written"):
            store.put_references("acme", additions(2))
        with pytest.raises(StorageReadOnly):
            build.build(store, embedder, gallery)
        require_intact(store)
        assert Gallery.load(gallery, embedder.fingerprint).brands == ("acme",)
    assert store.put_references("acme", additions(2)).count == 1


def test_a_connection_opened_on_a_read_only_disk_is_not_written_with_afterwards(disk: Path) -> None:
    store = Store.open(disk / "data")  # its open connection lets others read meanwhile
    late = Database(Place(disk / "data").database())  # connects when it is first asked
    with read_only(disk), late.reading() as connection:
        assert connection.execute(select(state.c.version)).scalar_one() == 0
    with late.writing() as connection:
        connection.execute(update(state).values(version=0))
    late.close()
    store.close()


def test_a_folder_on_a_read_only_disk_is_named_at_the_start(disk: Path) -> None:
    Store.open(disk / "data").close()
    with read_only(disk), pytest.raises(StorageReadOnly):
        Store.open(disk / "data")


def test_a_damaged_database_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "touchstone.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreDamaged, match="restore it"):
        Store.open(tmp_path)


@pytest.mark.parametrize("outage_s", [0.5, pytest.param(30, marks=pytest.mark.slow)])
def test_a_database_that_is_gone_for_a_while_is_named_and_found_again(
    cluster: Cluster, tmp_path: Path, outage_s: float
) -> None:
    store = Store.at(Place(tmp_path, cluster.fresh("template")))
    store.put_brand("acme")
    store.put_references("acme", ONE)
    cluster.stop("immediate")
    try:
        deadline = time.monotonic() + outage_s
        while True:
            with pytest.raises(StoreUnavailable, match="does not answer"):
                store.version()
            with pytest.raises(StoreUnavailable):
                store.put_references("acme", additions(2))
            if time.monotonic() > deadline:
                break
            time.sleep(1)
    finally:
        cluster.start()
    require_intact(store)
    assert store.put_references("acme", additions(2)).count == 1
    store.close()


def test_a_database_that_goes_away_in_the_middle_acknowledges_nothing(cluster: Cluster, tmp_path: Path) -> None:
    store = Store.at(Place(tmp_path, cluster.fresh("template")))
    store.put_brand("acme")
    acknowledged, ended = [], threading.Event()

    def put() -> None:
        try:
            for seed in range(10_000):
                store.put_references("acme", [random_addition(256 * (seed + 1))])
                acknowledged.append(seed)
        except StoreUnavailable:
            ended.set()

    writer = threading.Thread(target=put)
    writer.start()
    time.sleep(0.3)
    cluster.stop("immediate")
    try:
        assert ended.wait(30)
        writer.join()
    finally:
        cluster.start()
    kept = {reference.id for reference in store.references("acme")}
    assert {random_addition(256 * (seed + 1)).id for seed in acknowledged} <= kept
    store.close()


@pytest.mark.parametrize("damage", ["shortened", "altered", "emptied", "absent"])
def test_a_damaged_gallery_file_is_never_loaded_and_is_built_again(house: House, damage: str) -> None:
    whole = house.load().version
    shard = house.shards()[0]
    data = shard.read_bytes()
    if damage == "absent":
        shard.unlink()
    else:
        middle = len(data) // 2
        altered = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        shard.write_bytes({"shortened": data[:-100], "altered": altered, "emptied": b""}[damage])
    with pytest.raises(GalleryDamaged):
        house.load()
    assert house.open_or_build().version == whole
    assert house.load().version == whole


def test_a_manifest_that_is_damaged_is_never_loaded_and_is_built_again(house: House) -> None:
    whole = house.load().version
    manifest = house.gallery_dir / "gallery.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])
    with pytest.raises(GalleryDamaged):
        house.load()
    assert house.open_or_build().version == whole


def test_another_embedders_gallery_is_refused_and_built_again(house: House) -> None:
    other = LayoutEmbedder("other")
    with pytest.raises(FingerprintMismatch, match="embedder layout"):
        Gallery.load(house.gallery_dir, other.fingerprint)
    assert build.open_or_build(house.store, other, house.gallery_dir).embedder == "other"


def test_references_left_out_are_told_by_every_opening_until_they_are_mended(house: House) -> None:
    lost = house.store.references("acme")[0]
    blob = house.folder / "blobs" / lost.sha256[:2] / lost.sha256
    data = blob.read_bytes()
    blob.write_bytes(b"rotten")
    for shard in house.shards():
        shard.unlink()
    for gallery in (house.open_or_build(), house.open_or_build(), house.load()):
        assert len(gallery.unreadable) == 1
        assert gallery.unreadable[0].startswith(f"acme/{lost.id}: blob {lost.sha256} is altered")
    blob.write_bytes(data)
    assert house.open_or_build().unreadable == ()
