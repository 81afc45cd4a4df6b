"""Phase: edges that moved are told from edges that are lit otherwise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vision import phase
from vision.registration import local_contrast

SIDE_PX = 224


def disc(radius_px: float, centre_px: float = 112.0) -> NDArray[np.float32]:
    """A dark disc on white `[S, S]`, 0..1, its edge soft over about a pixel."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    return np.asarray(1 / (1 + np.exp(2 * (radius_px - np.hypot(x - centre_px, y - 112)))), np.float32)


def contrast(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return local_contrast(np.asarray(np.round(40 + 180 * values), np.uint8))


def moved(seen: NDArray[np.float32], known: NDArray[np.float32]) -> dict[str, float]:
    return phase.moved(phase.split(contrast(seen)), phase.split(contrast(known)), 1 - disc(60))


def test_a_mark_against_itself_has_not_moved() -> None:
    assert moved(disc(60), disc(60)) == pytest.approx(dict.fromkeys(phase.MEASURES, 0.0), abs=5e-3)


def test_a_wider_stroke_moves_towards_the_bright_as_far_as_it_is_wider() -> None:
    one, two = (abs(moved(disc(60 + px), disc(60))["edge_bias"]) for px in (0.5, 1.0))
    assert two == pytest.approx(2 * one, rel=0.15)
    assert one > 0.02


def test_wider_and_narrower_differ_in_sign() -> None:
    assert moved(disc(61), disc(60))["edge_bias"] * moved(disc(59), disc(60))["edge_bias"] < 0


def test_a_fainter_mark_has_not_moved() -> None:
    faint = moved(0.6 + 0.4 * disc(60), disc(60))
    assert abs(faint["edge_bias"]) < 0.1 * abs(moved(disc(61), disc(60))["edge_bias"])


def test_a_shift_moves_edges_and_has_no_bias() -> None:
    shifted = moved(disc(60, 113.0), disc(60))
    assert abs(shifted["edge_bias"]) < 0.1 * shifted["edge_moved"]
    assert shifted["edge_uneven"] > 0.03


def test_a_blank_photo_says_nothing() -> None:
    blank = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    assert moved(blank, disc(60)) == dict.fromkeys(phase.MEASURES, 0.0)
