"""Search by appearance: a bold mark is found at its pose whatever its size, and nothing where there is none."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vision.geometry.features import luminance, project
from vision.geometry.registration import FRAME_PX, Registered, local_contrast
from vision.geometry.search import search

WHOLE = np.ones((FRAME_PX, FRAME_PX), np.float32)
CORNERS = np.array([[0, 0], [FRAME_PX, 0], [FRAME_PX, FRAME_PX], [0, FRAME_PX]], np.float32)


def drawn() -> NDArray[np.uint8]:
    """A bold mark of few corners `[S, S, 3]`."""
    frame = np.full((FRAME_PX, FRAME_PX, 3), 235, np.uint8)
    cv2.circle(frame, (90, 110), 62, (30, 40, 90), -1)
    cv2.ellipse(frame, (135, 140), (70, 26), 30, 0, 360, (200, 60, 40), -1)
    return frame


def tee() -> NDArray[np.uint8]:
    """Another, which looks otherwise in every turn."""
    frame = np.full((FRAME_PX, FRAME_PX, 3), 235, np.uint8)
    cv2.rectangle(frame, (50, 40), (170, 90), (20, 90, 40), -1)
    cv2.rectangle(frame, (95, 90), (125, 190), (20, 90, 40), -1)
    return frame


def photographed(to_photo: NDArray[np.float64], mark: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """A mark, the first if none is given, on a table of uneven light `[480, 640, 3]`."""
    light = np.linspace(90, 190, 640)[None, :, None] * np.ones((480, 1, 3))
    ground = np.asarray(light, np.uint8)
    moved = cv2.warpPerspective(drawn() if mark is None else mark, to_photo, (640, 480), flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((FRAME_PX, FRAME_PX), 255, np.uint8), to_photo, (640, 480))
    return np.asarray(np.where(inside[..., None] > 128, moved, ground), np.uint8)


def searched(pixels: NDArray[np.uint8]) -> Registered | None:
    return search(pixels, local_contrast(luminance(drawn())), WHOLE)


@pytest.mark.parametrize(
    ("share", "turn_degrees", "x", "y"), [(0.24, 0.0, 200.0, 120.0), (0.4, 9.0, 320.0, 60.0), (0.62, -7.0, 120.0, 60.0)]
)
def test_a_bold_mark_is_found_where_it_lies(share: float, turn_degrees: float, x: float, y: float) -> None:
    scale, turn = share * 640 / FRAME_PX, np.radians(turn_degrees)
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    to_photo = np.array([[c, -s, x], [s, c, y], [0.02 * scale / FRAME_PX, 0, 1.0]])
    found = searched(photographed(to_photo))
    assert found is not None
    placed = project(np.asarray(np.linalg.inv(found.homography), np.float64), CORNERS)
    np.testing.assert_allclose(placed, project(to_photo, CORNERS), atol=0.05 * share * 640)


def test_nothing_is_found_in_a_photo_without_the_mark() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (30, 40, 3)).astype(np.uint8)
    assert searched(np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)) is None


def test_a_photo_smaller_than_any_patch_holds_no_mark() -> None:
    assert searched(np.full((24, 24, 3), 200, np.uint8)) is None
