"""Scan: a mark's pose is guessed at a known place, however it is turned; a guess is good enough to refine."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.geometry.test_search import CORNERS, WHOLE, photographed, tee
from vision.geometry.features import luminance, project
from vision.geometry.registration import FRAME_PX, local_contrast
from vision.geometry.scan import STARTS, Patches, PlacePx, scan
from vision.geometry.search import refined, search

TARGET = local_contrast(luminance(tee()))
MARK = np.array([[50, 40], [170, 40], [170, 190], [50, 190]], np.float32)  # what is drawn of the frame


def turned(share: float, degrees: float, x: float, y: float) -> NDArray[np.float64]:
    """Map frame -> photo of a mark of this share of the photo."""
    scale, turn = share * 640 / FRAME_PX, np.radians(degrees)
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[c, -s, x], [s, c, y], [0.02 * scale / FRAME_PX, 0, 1.0]])


def place_of(to_photo: NDArray[np.float64], widened: float = 1.0) -> PlacePx:
    corners = project(to_photo, MARK)
    low, high = corners.min(axis=0), corners.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * widened
    (x0, y0), (x1, y1) = (middle - half).tolist(), (middle + half).tolist()
    return x0, y0, x1, y1


@pytest.mark.parametrize("widened", [0.95, 1.1, 1.3])
@pytest.mark.parametrize("degrees", [0.0, 20.0, 95.0, 171.0, -100.0])
def test_a_mark_is_found_in_any_turn(degrees: float, widened: float) -> None:
    to_photo = turned(0.3, degrees, 320.0, 240.0)
    photo = photographed(to_photo, tee())
    starts = scan(Patches.of(photo, place_of(to_photo, widened)), TARGET)
    found = refined(photo, [start.homography for start in starts], TARGET, WHOLE)
    assert found is not None
    placed = project(np.asarray(np.linalg.inv(found.homography), np.float64), CORNERS)
    np.testing.assert_allclose(placed, project(to_photo, CORNERS), atol=0.05 * 0.3 * 640)


def test_a_turned_mark_is_what_a_search_of_the_whole_photo_misses() -> None:
    assert search(photographed(turned(0.3, 171.0, 320.0, 240.0), tee()), TARGET, WHOLE) is None


def test_guesses_are_ranked_and_differ_in_their_turn() -> None:
    to_photo = turned(0.3, 20.0, 320.0, 240.0)
    starts = scan(Patches.of(photographed(to_photo, tee()), place_of(to_photo)), TARGET)
    assert len(starts) == STARTS
    assert [s.likeness for s in starts] == sorted((s.likeness for s in starts), reverse=True)
    turns = [np.degrees(np.arctan2(s.homography[1, 0], s.homography[0, 0])) for s in starts]
    apart = [abs((a - b + 180) % 360 - 180) for i, a in enumerate(turns) for b in turns[:i]]
    assert min(apart) > 20


@pytest.mark.parametrize("place", [(-40.0, -30.0, 60.0, 50.0), (600.0, 440.0, 700.0, 520.0), (0.0, 0.0, 640.0, 480.0)])
def test_a_place_may_reach_beyond_the_photo(place: PlacePx) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (30, 40, 3)).astype(np.uint8)
    photo = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)
    starts = scan(Patches.of(photo, place), TARGET)
    assert max(s.likeness for s in starts) < 0.6
    assert refined(photo, [s.homography for s in starts], TARGET, WHOLE) is None


def test_nothing_is_like_a_plain_ground() -> None:
    starts = scan(Patches.of(np.full((480, 640, 3), 200, np.uint8), (100.0, 100.0, 200.0, 200.0)), TARGET)
    assert max(abs(s.likeness) for s in starts) < 0.05
