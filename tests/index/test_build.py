"""A build makes what changed, swaps it in whole, and never disturbs a gallery that serves."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import build
from index.build import GalleryBuilder, Progress
from index.gallery import Gallery
from index.store import Store
from tests.index.conftest import BRANDS, VIEWS, House
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import additions, photo
from vision.errors import BrandUnknown
from vision.photo import decode
from vision.references import enrolment


def names_in(gallery: Gallery) -> set[str]:
    return {str(name) for brand in gallery.brands for t in gallery.templates(brand) for name in t.reference_ids}


def test_nothing_changed_nothing_made(house: House) -> None:
    assert house.open_or_build().version == house.load().version
    report = build.build_reported(house.store, house.embedder, house.gallery_dir).report
    assert (report.brands, report.reused, report.references) == (3, 3, 0)
    assert house.embedder.embedded == 0
    assert report.seconds["enrol"] == 0 < report.seconds["total"]


def test_only_the_brand_that_changed_is_made(house: House) -> None:
    before = house.load()
    house.store.put_references("acme", additions(1, 1, first=VIEWS))
    seen: list[Progress] = []
    built = build.build_reported(house.store, house.embedder, house.gallery_dir, seen.append)
    assert (built.report.brands, built.report.reused) == (3, 2)
    assert house.embedder.embedded == 2 * (VIEWS + 1)  # each photo, and the mark in it
    assert seen == [Progress("acme", VIEWS + 1, VIEWS + 1)]
    assert built.gallery.version != before.version
    assert built.gallery.store_version == house.store.version() > before.store_version


def test_threads_change_how_long_a_build_takes_and_nothing_else(house: House, tmp_path: Path) -> None:
    seen: list[str] = []
    threaded = GalleryBuilder(house.store, house.embedder, tmp_path / "threaded", threads=3)
    assert threaded.build(lambda progress: seen.append(progress.brand)).gallery.version == house.load().version
    assert seen == sorted(BRANDS)


def test_a_brand_that_fails_stops_a_threaded_build_and_leaves_the_gallery(house: House, tmp_path: Path) -> None:
    class Failing(LayoutEmbedder):
        def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
            raise OSError("no more")

    before = house.load()
    house.store.put_references("acme", additions(1, 1, first=VIEWS))
    with pytest.raises(OSError, match="no more"):
        GalleryBuilder(house.store, Failing(), house.gallery_dir, threads=3).build()
    assert house.load().version == before.version


def test_a_gallery_behind_its_store_is_brought_up(house: House) -> None:
    house.store.put_brand("new")
    house.store.put_references("new", additions(4))
    assert "new" in house.open_or_build().brands


def test_equal_references_make_an_equal_version(house: House, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "other")
    for brand, seed in reversed(BRANDS.items()):
        other.put_brand(brand)
        other.put_references(brand, additions(seed, VIEWS))
    assert build.build(other, house.embedder, tmp_path / "other" / "gallery").version == house.load().version
    other.close()


def test_another_stores_gallery_is_not_taken_for_ours(house: House, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "other")
    while other.version() < house.store.version():
        other.put_brand(f"brand {other.version()}")
    assert build.open_or_build(other, house.embedder, house.gallery_dir).brands == ()
    other.close()


def test_another_embedder_builds_its_own(house: House) -> None:
    other = LayoutEmbedder("other")
    gallery = build.open_or_build(house.store, other, house.gallery_dir)
    assert (gallery.embedder, other.embedded) == ("other", 2 * VIEWS * len(BRANDS))
    assert len(house.shards()) == len(BRANDS)


def test_the_withdrawn_are_not_matched_and_leave_no_file(house: House) -> None:
    gone = house.store.references("acme")[0]
    before = house.shards()
    house.store.withdraw("acme", gone.id)
    gallery = house.build()
    near = gallery.nearest(house.embedder.embed([decode(photo(1)).pixels]), 50)
    assert gone.id not in set(near.reference.ravel()) | names_in(gallery)
    assert len(set(before) & set(house.shards())) == len(BRANDS) - 1
    house.store.withdraw_all("acme")
    assert "acme" not in house.build().brands


def test_an_older_gallery_serves_on_after_the_swap(house: House) -> None:
    """Its templates are read only now, from files that are gone."""
    old = house.load()
    for brand in BRANDS:
        house.store.withdraw_all(brand)
    assert house.build().brands == ()
    assert house.shards() == []
    assert len(old.templates("acme")[0]) > 0
    assert old.nearest(house.embedder.embed([decode(photo(2)).pixels]), 1).brand[0, 0] == "bolt & co"


def test_a_build_goes_on_where_another_was_killed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards carry their own proof, so those that were written are found without a manifest."""
    (house.gallery_dir / "gallery.json").unlink()
    house.shards()[0].unlink()
    (house.gallery_dir / "shards" / ".unfinished").write_bytes(b"half a shard")
    report = build.build_reported(house.store, house.embedder, house.gallery_dir).report
    assert report.reused == len(BRANDS) - 1
    assert [path.suffix for path in house.shards()] == [".shard"] * len(BRANDS)


def test_a_killed_build_leaves_the_gallery_as_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = house.load().version
    house.store.withdraw_all("acme")
    house.store.put_references("zenith", additions(3, 1, first=VIEWS))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(enrolment, "enrol", die)
    with pytest.raises(KeyboardInterrupt):
        house.build()
    assert house.load().version == before


def test_a_damaged_photo_is_left_out_and_named(house: House) -> None:
    whole = house.load().version
    lost = house.store.references("acme")[0]
    blob = house.folder / "blobs" / lost.sha256[:2] / lost.sha256
    data = blob.read_bytes()
    blob.write_bytes(b"rotten")
    for shard in house.shards():
        shard.unlink()
    built = build.build_reported(house.store, house.embedder, house.gallery_dir)
    assert len(built.report.unreadable) == 1
    assert built.report.unreadable[0].startswith(f"acme/{lost.id}: blob {lost.sha256} ")
    assert lost.id not in names_in(built.gallery)
    again = build.build_reported(house.store, house.embedder, house.gallery_dir)
    assert (again.report.reused, again.gallery.version) == (len(BRANDS), built.gallery.version)
    blob.write_bytes(data)
    assert house.build().version == whole


def test_builds_at_once_take_turns(house: House) -> None:
    for brand in BRANDS:
        house.store.withdraw_all(brand)
    house.store.put_references("acme", additions(5, 2))
    built: list[Gallery] = []
    threads = [threading.Thread(target=lambda: built.append(house.build())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({gallery.version for gallery in built}) == 1
    assert house.embedder.embedded == 4  # by the first; the others found its shard


def test_serving_goes_on_during_a_build(house: House) -> None:
    serving, query = house.load(), house.embedder.embed([decode(photo(2)).pixels])
    house.store.put_references("acme", additions(1, 2, first=VIEWS))
    expected = serving.nearest(query, 5)
    builder = threading.Thread(target=house.build)
    builder.start()
    answered = 0
    while builder.is_alive() or answered == 0:
        found = serving.nearest(query, 5)
        np.testing.assert_array_equal(found.reference, expected.reference)
        answered += 1
    builder.join()
    assert house.load().version != serving.version


def test_a_gallery_of_nobody(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.put_brand("acme")
    gallery = build.open_or_build(store, LayoutEmbedder(), tmp_path / "gallery")
    assert (gallery.brands, gallery.store_version) == ((), 1)
    with pytest.raises(BrandUnknown):
        gallery.templates("acme")
    store.close()


def test_a_builder_reads_only_what_changed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = GalleryBuilder(house.store, house.embedder, house.gallery_dir)
    before = builder.current()
    house.store.put_references("acme", additions(1, 1, first=VIEWS))
    house.store.withdraw_all("zenith")
    read: list[str] = []
    whole = Store.blob

    def noted(store: Store, sha256: str) -> bytes:
        read.append(sha256)
        return whole(store, sha256)

    monkeypatch.setattr(Store, "blob", noted)
    monkeypatch.setattr(Store, "snapshot", None)  # of all references: not asked for
    after = builder.current()
    assert sorted(read) == sorted(reference.sha256 for reference in house.store.references("acme"))
    assert after.brands == ("acme", "bolt & co")
    assert after.shards[1] is before.shards[1]  # open still, and not read again
    assert after.version == house.load().version


def test_of_two_builders_the_second_finds_it_done(house: House) -> None:
    first, second = (GalleryBuilder(house.store, LayoutEmbedder(), house.gallery_dir) for _ in range(2))
    second.current()
    house.store.put_references("acme", additions(1, 1, first=VIEWS))
    built = first.build()
    found = second.build(only_if_behind=True)
    assert found.report.reused == len(BRANDS)
    assert (found.gallery.version, found.gallery.store_version) == (built.gallery.version, house.store.version())


def test_changes_that_are_no_brands_make_nothing(house: House) -> None:
    """A renamed brand is a new version of the store, and no new shard."""
    house.store.put_brand("acme", "Acme Corporation")
    gallery = house.open_or_build()
    assert (house.embedder.embedded, gallery.store_version) == (0, house.store.version())
