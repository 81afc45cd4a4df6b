"""The second look: small marks seen from nearer, where the first look believed nothing, within bounds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.fakes import ColourEmbedder, InMemoryReferences, plain_scorer, recognised
from tests.vision.scenes import artwork_of, photo_of, template_of
from vision.camera import STUDIO
from vision.finding import placer, placing, second_look
from vision.finding.look import Look
from vision.finding.neighbours import Neighbours
from vision.finding.second_look import SIDE_PX, Closer, Spot, features_at, spots
from vision.finding.votes import Vote
from vision.geometry.features import extract
from vision.photo import Photo
from vision.policy import Policy
from vision.recognition import Recogniser
from vision.regions.detector import Detection
from vision.regions.region import Box, Region
from vision.sighting import box_of, locate

ACME, BOLT, STRANGER = 9_000_001, 9_000_008, 9_000_002


class Finds:
    """Answers the same box whatever it sees."""

    fingerprint = "finds"

    def __init__(self, box: Box) -> None:
        self._box = box

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[Detection, ...]:
        return (Detection(self._box, 0.9),)


@pytest.fixture(scope="module")
def references() -> InMemoryReferences:
    return InMemoryReferences({"acme": ACME, "bolt": BOLT})


def clutter() -> NDArray[np.uint8]:
    """A ground of 640 by 480 px with many edges."""
    rng = np.random.default_rng(3)
    ground = cv2.resize(rng.integers(60, 200, (24, 32, 3), dtype=np.uint8), (640, 480), interpolation=cv2.INTER_CUBIC)
    for x, y, w, h in rng.integers((0, 0, 8, 8), (640, 480, 60, 60), (60, 4)).tolist():
        cv2.rectangle(ground, (x, y), (x + w, y + h), rng.integers(0, 255, 3).tolist(), -1)
    return np.asarray(ground, np.uint8)


def scene(seed: int, side_px: int, enlarged: int = 1) -> tuple[Photo, Box]:
    """A photograph of a mark, so many px wide, in clutter; and where it is. Enlarged, all but the mark is coarser."""
    ground = cv2.resize(clutter(), (640 * enlarged, 480 * enlarged), interpolation=cv2.INTER_LINEAR)
    shot = photo_of(artwork_of(seed), 5, STUDIO).pixels
    height_px = round(side_px * shot.shape[0] / shot.shape[1])
    x, y = 400 * enlarged, 200 * enlarged
    ground[y : y + height_px, x : x + side_px] = cv2.resize(shot, (side_px, height_px), interpolation=cv2.INTER_AREA)
    size = np.array([640, 480, 640, 480]) * enlarged
    x0, y0, x1, y1 = (np.array([x, y, x + side_px, y + height_px]) / size).tolist()
    return Photo(np.asarray(ground, np.uint8), "0" * 64, "png"), (x0, y0, x1, y1)


# --- in recognition -----------------------------------------------------------------------------


def test_a_mark_too_small_for_a_first_look_is_recognised_from_nearer(references: InMemoryReferences) -> None:
    photo, box = scene(ACME, 40)
    assert recognised(references, photo, Policy(second_looks=0, sought=0), Finds(box)) == []
    (found,) = recognised(references, photo, Policy(), Finds(box))
    assert found.brand == "acme"
    assert found.look.spot is not None
    assert found.look.spot.source == "detector"
    assert found.template is not None
    assert found.sighting is not None
    x0, y0, x1, y1 = box_of(found.template.mark, found.sighting)
    assert box[0] <= (x0 + x1) / 2 <= box[2]
    assert box[1] <= (y0 + y1) / 2 <= box[3]


def test_its_own_features_point_at_it_where_no_detector_does(references: InMemoryReferences) -> None:
    (found,) = recognised(references, scene(ACME, 40)[0], Policy())
    assert found.look.spot is not None
    assert found.look.spot.source == "gallery"


def test_all_the_detail_of_a_large_photo_is_used(references: InMemoryReferences) -> None:
    photo, box = scene(BOLT, 120, enlarged=4)
    assert photo.width == 2560
    (found,) = recognised(references, photo, Policy(), Finds(box))
    assert (found.brand, found.look.pixels.shape) == ("bolt", photo.pixels.shape)
    assert recognised(references, photo.fit(640), Policy(), Finds(box)) == []


def test_a_brand_held_against_by_name_is_looked_at_from_nearer_too(references: InMemoryReferences) -> None:
    photo, box = scene(ACME, 40)
    recogniser = Recogniser(ColourEmbedder(), references, plain_scorer(), Policy(), None, Finds(box))
    assert recogniser.hold(photo, "acme").recognition > 0
    assert recogniser.hold(photo, "bolt").recognition <= 0


def test_a_strangers_mark_stays_unrecognised(references: InMemoryReferences) -> None:
    photo, box = scene(STRANGER, 64)
    assert recognised(references, photo, Policy(second_looks=3), Finds(box)) == []


def test_a_photo_whose_mark_is_seen_costs_no_second_look(
    references: InMemoryReferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(second_look, "features_at")
    (found,) = recognised(references, photo_of(artwork_of(ACME), 21), Policy(), Finds((0.1, 0.1, 0.3, 0.3)))
    assert found.look.spot is None


class Counted:
    """A function that counts its calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.calls = 0
        self._function = function

    def __call__(self, *given: Any) -> Any:
        self.calls += 1
        return self._function(*given)


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_no_more_places_and_brands_are_tried_than_policy_allows(
    references: InMemoryReferences, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    taken, matched = Counted(second_look.features_at), Counted(placing.attempts)
    monkeypatch.setattr(second_look, "features_at", taken)
    monkeypatch.setattr(placer, "attempts", matched)
    photo, box = scene(STRANGER, 64)
    recognised(references, photo, Policy(second_looks=looks, second_brands=1, voted_there=0, sought=0), Finds(box))
    assert taken.calls <= looks
    assert matched.calls <= len(references.brands) + looks


def test_a_place_is_looked_at_once_and_whoever_is_named_there_is_remembered() -> None:
    photo, box = scene(ACME, 40)
    looked = Counted(lambda features: ("there",))
    closer = Closer(photo, look_of([small(0.1, "whole", 1.0)], [["a"]]), looked, 1000)
    region = Region(box, "detector", 0.9)
    assert closer.voted_at(region) == ("there",)
    assert closer.at(region).voted == closer.named == ("there",)
    assert closer.at(replace(region, source="gallery")).spot == replace(region, source="gallery")
    assert looked.calls == 1


def test_where_none_may_be_named_no_place_is_looked_at_for_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(second_look, "features_at")
    photo, box = scene(ACME, 40)
    closer = Closer(photo, look_of([small(0.1, "whole", 1.0)], [["a"]]), None, 1000)
    assert closer.voted_at(Region(box, "detector", 0.9)) == closer.named == ()


# --- where to look ------------------------------------------------------------------------------


def look_of(regions: list[Region], brands: list[list[str]]) -> Look:
    """A look of 500 by 400 px whose regions lie near these brands."""
    near = np.array(brands, object).reshape(len(regions), -1)
    neighbours = Neighbours(np.tile(np.arange(near.shape[1], dtype=np.float32), (len(regions), 1)), near.copy(), near)
    pixels = np.zeros((400, 500, 3), np.uint8)
    vectors = np.zeros((len(regions), 4), np.float32)
    return Look(pixels, extract(pixels), tuple(regions), vectors, neighbours, neighbours.best_by_brand())


def small(x: float, source: str, score: float) -> Region:
    return Region((x, 0.2, x + 0.1, 0.3), source, score)


def test_only_what_was_pointed_at_is_worth_it() -> None:
    look = look_of([small(0.1, "whole", 1.0), small(0.3, "window", 0.9)], [["a"], ["b"]])
    assert list(spots(look, [], 3, 3)) == []


def test_the_best_scores_come_first_and_none_covers_another() -> None:
    look = look_of([small(0.1, "detector", 0.4), small(0.3, "detector", 0.8)], [["a", "b"], ["c", "a"]])
    votes = [Vote("d", small(0.31, "gallery", 0.5)), Vote("e", small(0.7, "gallery", 0.6))]
    assert list(spots(look, votes, 3, 2)) == [
        Spot(small(0.3, "detector", 0.8), ("d", "c")),
        Spot(small(0.7, "gallery", 0.6), ("e",)),
        Spot(small(0.1, "detector", 0.4), ("a", "b")),
    ]
    assert len(list(spots(look, votes, 1, 2))) == 1
    assert list(spots(look, votes, 0, 2)) == []


def test_sources_take_turns() -> None:
    look = look_of([small(0.1, "detector", 0.6), small(0.3, "detector", 0.5)], [["a"], ["b"]])
    votes = [
        Vote("d", small(0.5, "gallery", 0.4)),
        Vote("e", small(0.51, "gallery", 0.3)),
        Vote("f", small(0.8, "gallery", 0.2)),
    ]
    found = [(spot.region.source, spot.region.score) for spot in spots(look, votes, 4, 2)]
    assert found == [("detector", 0.6), ("gallery", 0.4), ("detector", 0.5), ("gallery", 0.2)]


def test_what_was_seen_as_large_already_is_left_out() -> None:
    large = Region((0.1, 0.1, 0.1 + (SIDE_PX + 1) / 500, 0.5), "detector", 0.9)
    assert list(spots(look_of([large], [["a"]]), [], 3, 3)) == []


# --- features from nearer -----------------------------------------------------------------------


def test_features_from_nearer_are_more_and_lie_where_they_are_in_the_photo() -> None:
    photo, box = scene(ACME, 80)
    near = features_at(photo, box, 1000)
    points = extract(photo.pixels).points / [photo.width, photo.height]
    inside = ((points >= box[:2]) & (points <= box[2:])).all(axis=1)
    assert len(near) > 1.5 * inside.sum()
    template = template_of(ACME)
    seen, whole = locate(near, template), locate(extract(photo.pixels), template)
    assert seen is not None
    assert whole is not None
    corners = np.array([[[50.0, 50]], [[170, 50]], [[110, 170]]])
    there, known = (cv2.perspectiveTransform(corners, np.linalg.inv(a.homography)) for a in (seen, whole))
    assert np.abs(there - known).max() < 1.5  # px of the photo


@pytest.mark.parametrize(
    "box", [(0.0, 0.0, 1.0, 1.0), (0.99, 0.99, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (0.0, 0.4, 0.01, 1)]
)
def test_any_box_can_be_looked_at(box: Box) -> None:
    photo, _ = scene(ACME, 80)
    features = features_at(photo, box, 200)
    assert len(features) <= 200
    assert np.isfinite(features.points).all()


def test_a_look_knows_its_region_nearest_to_a_brand() -> None:
    look = look_of([small(0.1, "whole", 1.0), small(0.3, "detector", 0.8)], [["a", "b"], ["b", "a"]])
    assert look.resembling("a") == look.regions[0]
    assert look.resembling("b") == look.regions[1]
    assert look.resembling("unknown") == look.regions[0]
    assert look.brands_at(1) == ("b", "a")
    assert replace(look, spot=small(0.3, "detector", 0.8)).brands_at(0) == ("a", "b")
