"""A gallery answers as its references would, and is refused unless it is whole and of this embedder."""

import json
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import gallery as gallery_module
from index.gallery import Gallery
from index.hits import BruteForce
from index.manifest import Manifest
from index.shard import make_room
from tests.index.conftest import BRANDS, VIEWS, House
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import photo
from vision.errors import BrandUnknown, ConfigurationError, FingerprintMismatch, GalleryAbsent, GalleryDamaged
from vision.finding.inverted import NEAREST
from vision.geometry import codebook
from vision.geometry.codebook import Codewords
from vision.geometry.features import extract
from vision.photo import decode
from vision.recognition import References
from vision.references import enrolment


def query(seed: int, view: int = 0) -> NDArray[np.float32]:
    return LayoutEmbedder().embed([decode(photo(seed, view)).pixels])


def codewords(seed: int, view: int = 0) -> Codewords:
    """What a photo is asked with."""
    return codebook.carried().words(extract(decode(photo(seed, view)).pixels).descriptors, NEAREST)


def test_it_is_the_references_that_inspection_asks_for(house: House) -> None:
    references: References = house.load()
    assert references.brands == tuple(sorted(BRANDS))
    assert len(references.version) == 16


@pytest.mark.parametrize(("brand", "seed"), BRANDS.items())
def test_a_references_features_speak_most_for_its_brand(house: House, brand: str, seed: int) -> None:
    votes = house.load().votes(codewords(seed))
    assert next(iter(votes)) == brand
    assert set(votes) <= set(BRANDS)


@pytest.mark.parametrize(("brand", "seed"), BRANDS.items())
def test_a_reference_is_its_own_nearest(house: House, brand: str, seed: int) -> None:
    gallery = house.load()
    first = house.store.references(brand)[0]
    for scope in (None, brand):
        near = gallery.nearest(query(seed), 3, scope)
        assert (near.reference[0, 0], near.brand[0, 0]) == (first.id, brand)
        assert near.distance[0, 0] == pytest.approx(0, abs=1e-5)
        assert np.all(np.diff(near.distance[0]) >= 0)


def test_a_brands_search_gives_no_other_brand(house: House) -> None:
    gallery = house.load()
    own = {reference.id for reference in house.store.references("zenith")}
    for seed in BRANDS.values():
        near = gallery.nearest(query(seed), 50, "zenith")
        found = near.distance[0] < np.inf
        assert set(near.brand[0, found]) == {"zenith"}
        assert set(near.reference[0, found]) == own
        assert set(near.brand[0, ~found]) == set(near.reference[0, ~found]) == {""}


def test_searching_all_is_searching_each(house: House) -> None:
    """The brands' vectors together are the vectors of all: brute force over either finds the same."""
    gallery = house.load()
    each = [gallery.nearest(query(2), 50, brand).distance[0] for brand in gallery.brands]
    together = gallery.nearest(query(2), len(gallery)).distance[0]
    apart = np.concatenate([distances[distances < np.inf] for distances in each])
    np.testing.assert_allclose(together, np.sort(apart), atol=1e-6)


def test_the_whole_photo_and_the_mark_are_both_searched(house: House) -> None:
    gallery = house.load()
    photos = {r.id: decode(house.store.blob(r.sha256)) for r in house.store.references("acme")}
    crops = [pixels for template in gallery.templates("acme") for pixels in template.stack]
    vectors = LayoutEmbedder().embed([p.pixels for p in photos.values()] + crops)
    exact = BruteForce(vectors).search(query(1, 1), len(vectors)).distance
    np.testing.assert_allclose(gallery.nearest(query(1, 1), len(vectors), "acme").distance, exact, atol=1e-5)
    assert len(vectors) == 2 * VIEWS


def test_templates_are_those_that_enrolment_builds(house: House) -> None:
    views = [(r.id, decode(house.store.blob(r.sha256))) for r in house.store.references("acme")]
    built, kept = enrolment.build(views), house.load().templates("acme")
    assert [t.reference_ids for t in kept] == [t.reference_ids for t in built]
    for ours, theirs in zip(kept, built, strict=True):
        for name, array in theirs.to_arrays().items():
            np.testing.assert_array_equal(ours.to_arrays()[name], array)


def test_templates_in_memory_are_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "_CACHED_REFERENCES", 2 * VIEWS)
    gallery = house.load()
    first, second = gallery.templates("acme"), gallery.templates("bolt & co")
    assert gallery.templates("acme") is first
    gallery.templates("zenith")
    assert gallery.templates("acme") is first  # lately used, so kept
    assert gallery.templates("bolt & co") is not second


def test_a_brand_without_references_is_unknown(house: House) -> None:
    gallery = house.load()
    with pytest.raises(BrandUnknown, match="'nobody' has no references"):
        gallery.nearest(query(1), 1, "nobody")
    with pytest.raises(BrandUnknown):
        gallery.templates("nobody")


def test_an_empty_gallery_finds_nothing(house: House) -> None:
    for brand in BRANDS:
        house.store.withdraw_all(brand)
    house.build()
    gallery = house.load()
    assert (gallery.brands, len(gallery)) == ((), 0)
    assert gallery.nearest(query(1), 2).brand.tolist() == [["", ""]]


def test_it_makes_room_for_its_open_files(house: House) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        house.load()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_more_open_files_than_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    with pytest.raises(ConfigurationError, match="needs 11000 open files, the limit is 4096"):
        make_room(10_000)


def test_a_gallery_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GalleryAbsent, match="build one"):
        Gallery.load(tmp_path / "nowhere", "layout")


def test_another_embedders_gallery_is_refused(house: House) -> None:
    with pytest.raises(FingerprintMismatch, match=r"made by embedder layout .* here are embedder other"):
        Gallery.load(house.gallery_dir, "other")


def test_another_codes_gallery_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "VERSION", "next")
    with pytest.raises(FingerprintMismatch, match="and version next"):
        house.load()


def test_a_gallery_that_another_codebook_coded_is_built_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = house.load()
    monkeypatch.setattr(codebook, "fingerprint", lambda: "another")
    with pytest.raises(FingerprintMismatch, match=r"and version .*another"):
        house.load()
    assert house.build().version != before.version


def flip_a_byte(house: House) -> None:
    data = bytearray(house.shards()[1].read_bytes())
    data[len(data) // 2] ^= 1
    house.shards()[1].write_bytes(data)


def cut_short(house: House) -> None:
    shard = house.shards()[0]
    shard.write_bytes(shard.read_bytes()[:-10])


def empty(house: House) -> None:
    house.shards()[0].write_bytes(b"")


def lose(house: House) -> None:
    house.shards()[2].unlink()


def cut_the_manifest(house: House) -> None:
    manifest = house.gallery_dir / "gallery.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])


def drop_a_brand(house: House) -> None:
    manifest = house.gallery_dir / "gallery.json"
    said = json.loads(manifest.read_text())
    said["shards"].pop()
    manifest.write_text(json.dumps(said))


def rename_a_brand(house: House) -> None:
    manifest = house.gallery_dir / "gallery.json"
    manifest.write_text(manifest.read_text().replace("zenith", "nadir"))


def lead_elsewhere(house: House) -> None:
    manifest = house.gallery_dir / "gallery.json"
    said = json.loads(manifest.read_text())
    said["shards"][0]["file"] = "../../touchstone.sqlite"
    manifest.write_text(json.dumps(said))


def say_another_checksum(house: House) -> None:
    manifest = house.gallery_dir / "gallery.json"
    said = json.loads(manifest.read_text())
    said["shards"][0]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(said))


DAMAGES = [
    lead_elsewhere,
    say_another_checksum,
    flip_a_byte,
    cut_short,
    empty,
    lose,
    cut_the_manifest,
    drop_a_brand,
    rename_a_brand,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_mended(house: House, damage: Callable[[House], None]) -> None:
    version = house.load().version
    damage(house)
    with pytest.raises(GalleryDamaged):
        house.load()
    assert house.open_or_build().version == version
    assert house.load().version == version


def test_a_gallery_swapped_while_it_is_read_is_read_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old manifest was read, then the swap and its sweep came: the new gallery is what loads."""
    old = Manifest.read(house.gallery_dir)
    house.store.withdraw_all("acme")
    house.build()
    new = Manifest.read(house.gallery_dir)
    answers = iter([old, new])
    monkeypatch.setattr(Manifest, "read", lambda directory: next(answers))
    assert house.load().version == new.version
