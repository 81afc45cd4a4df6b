"""A rehearsal: what it records of a small world, and whose belief it follows."""

import numpy as np
import pytest

from training.rehearsal import Records, World, artworks_of, marks_shown, rehearse
from training.synthesis.scene_table import BoxRow
from vision.bundle import Bundle, carried
from vision.errors import BundleInvalid
from vision.inspection import comparator_of, detector_of, scorer_of
from vision.measures.divergence import MEASURES

WORLD = World(9_999, references=2, brands=2, listings=2, unrelated=1)


@pytest.fixture(scope="module", params=[False, True], ids=["blank", "served"])
def records(request: pytest.FixtureRequest) -> Records:
    return rehearse(WORLD, artworks_of(WORLD, (), (), 1.0, strangers=3), Bundle.open(carried()), request.param)


def test_each_branded_photo_is_held_against_its_own_brand(records: Records) -> None:
    branded = records.where(records.label != "unrelated")
    assert len(np.unique(branded.photo)) == 4
    for photo in np.unique(branded.photo):
        assert branded.where(branded.photo == photo).own.sum() == 1


def test_what_aligned_was_measured_and_what_did_not_was_not(records: Records) -> None:
    assert records.measures.shape == (len(records.label), 2 * len(MEASURES))
    assert np.isfinite(records.measures).any(axis=1).tolist() == records.aligned.tolist()
    assert np.isfinite(records.nearness).all()


def test_photos_may_be_held_against_their_own_brand_alone() -> None:
    artworks = artworks_of(WORLD, (), (), 1.0, strangers=3)
    records = rehearse(WORLD, artworks, Bundle.open(carried()), served=True, alone=True)
    branded = records.where(records.label != "unrelated")
    assert branded.own.all()
    assert len(branded.label) == len(np.unique(branded.photo)) == 4


def test_a_bundle_without_a_scorer_has_none_to_serve_with() -> None:
    bundle = Bundle.open(carried())
    bare = Bundle(bundle.path, bundle.spec.model_copy(update={"scorer": None}))
    with pytest.raises(BundleInvalid, match="fit its scorer"):
        scorer_of(bare, "any", comparator_of(bare), detector_of(bare))


def test_a_world_may_be_of_whole_scenes() -> None:
    world = World(9_999, references=2, brands=2, listings=3, unrelated=1, composed=True)
    records = rehearse(world, artworks_of(world, (), (), 1.0, strangers=3), Bundle.open(carried()), served=True)
    assert len(np.unique(records.photo)) == 7
    assert set(records.label) == {"genuine", "counterfeit", "unrelated"}
    assert not records.astray[~(records.own & records.aligned)].any()


def test_the_boxes_of_a_scene_are_those_of_the_brand_that_it_is_about() -> None:
    def box(brand: str, listed: int, place: tuple[int, int, int, int]) -> BoxRow:
        return BoxRow("a.jpg", brand, listed, "genuine", "", "bag", *place, "1.00", "0", "frontal", "low", "closeup")

    boxes = [box("acme", 1, (1, 2, 3, 4)), box("other", 0, (5, 6, 7, 8)), box("acme", 1, (9, 9, 12, 12))]
    assert marks_shown(boxes) == {"a.jpg": [(1, 2, 3, 4), (9, 9, 12, 12)]}
