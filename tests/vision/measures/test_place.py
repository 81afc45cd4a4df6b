"""Place: a part turned over, moved, lost or put in is told from the others."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.measures import place

SIDE = 224
Plane = NDArray[np.float32]


def letter(x: int = 100, turned: bool = False) -> Plane:
    """An L of contrast, 30 px high, its corner at `x`."""
    picture = np.zeros((SIDE, SIDE), np.float32)
    picture[95:125, x : x + 8] = 1.0
    picture[117:125, x : x + 24] = 1.0
    if turned:
        picture[:, x : x + 24] = picture[:, x : x + 24][:, ::-1].copy()
    return picture


def measured(photo: Plane, reference: Plane) -> dict[str, float]:
    heat = np.zeros((SIDE, SIDE), np.float32)
    heat[92:128, 97:127] = 0.9
    return place.measure(heat, photo, reference, np.ones_like(heat), np.zeros_like(heat))


def test_a_part_turned_over_agrees_with_the_mirror_image() -> None:
    found = measured(letter(turned=True), letter())
    assert found["place_mirrored"] > 0.3
    assert found["place_mirrored"] > measured(letter(), letter())["place_mirrored"]


def test_a_moved_part_agrees_beside_its_place() -> None:
    assert measured(letter(108), letter())["place_moved"] > 0.3
    assert measured(letter(), letter())["place_moved"] == pytest.approx(0.0, abs=1e-3)


def test_a_lost_part_leaves_no_contrast_and_a_new_one_has_more() -> None:
    blank = np.zeros((SIDE, SIDE), np.float32)
    assert measured(blank, letter())["place_contrast"] < -0.5
    assert measured(letter(), blank)["place_contrast"] > 0.5


def test_nothing_is_said_where_nothing_differs() -> None:
    blank = np.zeros((SIDE, SIDE), np.float32)
    assert place.measure(blank, blank, blank, blank, blank) == dict.fromkeys(place.MEASURES, 0.0)


def test_a_place_that_winds_around_the_mark_is_measured() -> None:
    heat = np.zeros((SIDE, SIDE), np.float32)
    heat[10:214, 10:214] = 0.9
    heat[30:194, 30:194] = 0.0
    found = place.measure(heat, letter(), letter(), np.ones_like(heat), np.zeros_like(heat))
    assert np.isfinite(list(found.values())).all()
    assert found["place_contrast"] == 0.0
