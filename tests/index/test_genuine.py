"""Genuine photographs scored as served: listings unit by unit, references held against the others."""

from pathlib import Path

import numpy as np
import pytest

from index.audit import Audited
from index.gallery import Gallery
from index.genuine import VIEWS, Scored, Unit, score_listings, served_score, simulate
from index.leave_out import LeaveOut
from tests.index.conftest import House
from tests.index.pictures import photo
from tests.index.test_gallery import codewords
from tests.vision.fakes import plain_scorer
from vision.errors import ConfigurationError
from vision.photo import decode
from vision.policy import Policy
from vision.recognition import Recogniser


def recogniser_of(house: House, gallery: Gallery) -> Recogniser:
    return Recogniser(house.embedder, gallery, plain_scorer(), Policy())


def written(folder: Path, *views: tuple[int, int]) -> list[Path]:
    paths = []
    for seed, view in views:
        paths.append(folder / f"{seed}-{view}.jpg")
        paths[-1].write_bytes(photo(seed, view))
    return paths


def test_a_listing_is_one_unit_whatever_its_photos(house: House, tmp_path: Path) -> None:
    a, b, c = written(tmp_path, (1, 5), (1, 6), (1, 7))
    recogniser = recogniser_of(house, house.load())
    scored = score_listings(recogniser, house.store, "acme", [Audited("one", (a, b)), Audited("two", (c,))])
    assert [(unit.name, unit.photographs) for unit in scored.units] == [("one", 2), ("two", 1)]
    assert (scored.photographs, len(scored.values), scored.source) == (3, 2, "listings")
    assert scored.values[1] == served_score(recogniser, [decode(c.read_bytes())])


def test_copies_references_and_what_is_no_photo_are_refused_by_name(house: House, tmp_path: Path) -> None:
    fresh, reference = written(tmp_path, (1, 5), (1, 0))
    copy, page = tmp_path / "copy.jpg", tmp_path / "page.jpg"
    copy.write_bytes(fresh.read_bytes())
    page.write_text("<!doctype html>")
    files = (fresh, reference, copy, page, tmp_path / "absent.jpg")
    audited = [Audited(path.name, (path,)) for path in files]
    scored = score_listings(recogniser_of(house, house.load()), house.store, "acme", audited)
    assert [unit.name for unit in scored.units] == [fresh.name]
    assert [(path.name, fault.code) for path, fault in scored.refused] == [
        (reference.name, "listings_invalid"),
        ("copy.jpg", "listings_invalid"),
        ("page.jpg", "photo_not_image"),
        ("absent.jpg", "photo_unreadable"),
    ]


def test_what_would_not_be_judged_has_no_score(house: House, tmp_path: Path) -> None:
    (stranger,) = written(tmp_path, (77, 0))
    blind = Recogniser(house.embedder, house.load(), plain_scorer(recognised_above=1e9), Policy())
    scored = score_listings(blind, house.store, "acme", [Audited("x", (stranger,))])
    assert scored.units == (Unit("x", 1, ()),)
    assert scored.values == ()


def test_the_score_that_counts_is_the_first_not_the_largest() -> None:
    assert Unit("x", 3, (0.5, 9.0)).score == 0.5
    assert Scored("acme", "simulated", (Unit("x", 3, (0.5, 9.0)), Unit("y", 3, ()))).values == (0.5,)


def test_simulated_scores_count_one_a_reference_and_repeat(house: House) -> None:
    gallery = house.load()
    recogniser = recogniser_of(house, gallery)
    first = simulate(recogniser, house.store, gallery, "acme", seed=3)
    assert [unit.name for unit in first.units] == [reference.id for reference in house.store.references("acme")]
    assert first.photographs == VIEWS * len(first.units)
    assert len(first.values) <= len(first.units)
    assert any(unit.scores for unit in first.units)
    assert simulate(recogniser, house.store, gallery, "acme", seed=3) == first
    assert simulate(recogniser, house.store, gallery, "acme", seed=4) != first


def test_one_reference_leaves_none_to_be_held_against(house: House) -> None:
    house.store.withdraw("acme", house.store.references("acme")[0].id)
    gallery = house.open_or_build()
    with pytest.raises(ConfigurationError, match="pooled"):
        simulate(recogniser_of(house, gallery), house.store, gallery, "acme")


def test_a_gallery_with_a_reference_left_out_answers_as_if_it_had_never_been(house: House) -> None:
    whole = house.load()
    gone, stays = house.store.references("acme")
    rest = [(stays.id, decode(house.store.blob(stays.sha256)))]
    left = LeaveOut(whole, "acme", [gone.id], rest)
    house.store.withdraw("acme", gone.id)
    truly = house.open_or_build()
    queries = house.embedder.embed([decode(photo(seed, 3)).pixels for seed in (1, 2, 3)])
    for brand, k in ((None, 3), ("acme", 1), ("zenith", 2)):
        ours, theirs = left.nearest(queries, k, brand), truly.nearest(queries, k, brand)
        assert gone.id not in ours.reference[ours.brand == "acme"]
        assert ours.distance.shape == theirs.distance.shape
        assert (ours.distance <= theirs.distance + 1e-3).all() or brand != "acme"
        others = ours.brand != "acme"
        np.testing.assert_allclose(ours.distance[others], theirs.distance[others], atol=1e-5)
    for seed in (1, 3):
        assert left.votes(codewords(seed)) == pytest.approx(truly.votes(codewords(seed)))
    assert left.brands == truly.brands
    assert [t.reference_ids for t in left.templates("acme")] == [t.reference_ids for t in truly.templates("acme")]
    assert left.templates("zenith") is whole.templates("zenith")
