"""Polish: a rough start is moved to where the mark is, and never to another size or place."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.geometry.test_scan import place_of, turned
from tests.vision.geometry.test_search import CORNERS, WHOLE, photographed, tee
from vision.geometry.features import luminance, project
from vision.geometry.polish import Goal, Window, polish
from vision.geometry.registration import FRAME_PX, local_contrast
from vision.geometry.scan import Patches, Start, scan

TARGET = local_contrast(luminance(tee()))
GOAL = Goal.of(TARGET, WHOLE)
SIDE_PX = 0.3 * 640  # of the frame in these photos


def error_px(start: Start, to_photo: NDArray[np.float64]) -> float:
    placed = project(np.asarray(np.linalg.inv(start.homography), np.float64), CORNERS)
    return float(np.abs(placed - project(to_photo, CORNERS)).max())


def rough(to_photo: NDArray[np.float64], degrees: float, grown: float, shift: float) -> Start:
    """The true map with the mark turned, grown and shifted (share of the frame) in its frame."""
    c, s = grown * np.cos(np.radians(degrees)), grown * np.sin(np.radians(degrees))
    half = FRAME_PX / 2
    off = np.array(
        [[c, -s, half - c * half + s * half + shift * FRAME_PX], [s, c, half - s * half - c * half], [0, 0, 1]]
    )
    return Start(0.0, np.asarray(off @ np.linalg.inv(to_photo), np.float64))


@pytest.mark.parametrize(("degrees", "grown", "shift"), [(7.0, 1.0, 0.0), (0.0, 1.12, 0.03), (-6.0, 0.9, -0.04)])
def test_a_rough_start_is_moved_onto_the_mark(degrees: float, grown: float, shift: float) -> None:
    to_photo = turned(0.3, 20.0, 320.0, 240.0)
    start = rough(to_photo, degrees, grown, shift)
    found = polish(Window.of(photographed(to_photo, tee()), place_of(to_photo)), GOAL, start)
    assert error_px(start, to_photo) > 0.03 * SIDE_PX
    assert error_px(found, to_photo) < 0.6 * error_px(start, to_photo)
    assert found.likeness > 0.5


def test_the_best_coarse_start_becomes_more_alike() -> None:
    to_photo = turned(0.3, 95.0, 320.0, 240.0)
    photo = photographed(to_photo, tee())
    start = scan(Patches.of(photo, place_of(to_photo, 1.2)), TARGET)[0]
    found = polish(Window.of(photo, place_of(to_photo, 1.2)), GOAL, start)
    assert found.likeness > start.likeness
    assert error_px(found, to_photo) < 0.05 * SIDE_PX


@pytest.mark.parametrize("grown", [0.3, 3.0])
def test_what_is_of_another_size_is_left_where_it_is(grown: float) -> None:
    to_photo = turned(0.3, 0.0, 320.0, 240.0)
    start = rough(to_photo, 0.0, grown, 0.0)
    found = polish(Window.of(photographed(to_photo, tee()), place_of(to_photo)), GOAL, start)
    assert found.likeness == -1.0
    np.testing.assert_allclose(found.homography, start.homography, atol=1e-6)


def test_a_flat_photo_resembles_nothing() -> None:
    to_photo = turned(0.3, 0.0, 320.0, 240.0)
    flat = np.full((480, 640, 3), 127, np.uint8)
    found = polish(Window.of(flat, place_of(to_photo)), GOAL, rough(to_photo, 0.0, 1.0, 0.0))
    assert abs(found.likeness) < 0.1


def test_a_flat_template_resembles_nothing() -> None:
    to_photo = turned(0.3, 0.0, 320.0, 240.0)
    goal = Goal.of(np.zeros_like(TARGET), WHOLE)
    found = polish(Window.of(photographed(to_photo, tee()), place_of(to_photo)), goal, rough(to_photo, 0.0, 1.0, 0.0))
    assert abs(found.likeness) < 1e-3
    assert np.isfinite(found.homography).all()


def test_a_place_may_reach_beyond_the_photo() -> None:
    to_photo = turned(0.3, 0.0, 320.0, 240.0)
    window = Window.of(photographed(to_photo, tee()), (600.0, 440.0, 700.0, 520.0))
    assert window.contrast.shape == (80, 80)
    assert np.isfinite(window.contrast).all()
