"""Phase: edges that moved are told from edges that are lit otherwise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.geometry.registration import local_contrast
from vision.measures import phase

SIDE_PX = 224


def disc(radius_px: float, centre_px: float = 112.0) -> NDArray[np.float32]:
    """A dark disc on white `[S, S]`, 0..1, its edge soft over about a pixel."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    return np.asarray(1 / (1 + np.exp(2 * (radius_px - np.hypot(x - centre_px, y - 112)))), np.float32)


def contrast(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return local_contrast(np.asarray(np.round(40 + 180 * values), np.uint8))


def moved(seen: NDArray[np.float32], known: NDArray[np.float32]) -> dict[str, float]:
    everywhere = np.ones((SIDE_PX, SIDE_PX), np.float32)
    return phase.moved(phase.split(contrast(seen)), phase.edges(contrast(known), 1 - disc(60)), everywhere)


def dented() -> NDArray[np.float32]:
    """A disc whose edge is pushed in by 2 px along an eighth of it."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    angle = np.arctan2(y - 112, x - 112)
    radius = 60 - 2 * np.exp(-((angle / 0.4) ** 2))
    return np.asarray(1 / (1 + np.exp(2 * (radius - np.hypot(x - 112, y - 112)))), np.float32)


def test_a_mark_against_itself_has_not_moved() -> None:
    assert moved(disc(60), disc(60)) == pytest.approx(dict.fromkeys(phase.MEASURES, 0.0), abs=5e-3)


@pytest.mark.parametrize("scale", phase.WAVE_SHARES)
def test_a_wider_stroke_moves_towards_the_bright_as_far_as_it_is_wider(scale: str) -> None:
    one, two = (abs(moved(disc(60 + px), disc(60))[f"edge_bias_{scale}"]) for px in (0.3, 0.6))
    assert two == pytest.approx(2 * one, rel=0.15)
    assert one > 0.01


def test_wider_and_narrower_differ_in_sign() -> None:
    wider, narrower = (moved(disc(60 + px), disc(60))["edge_bias_fine"] for px in (0.5, -0.5))
    assert wider * narrower < 0


def test_a_fainter_mark_has_not_moved() -> None:
    faint = moved(0.6 + 0.4 * disc(60), disc(60))
    assert abs(faint["edge_bias_fine"]) < 0.1 * abs(moved(disc(60.5), disc(60))["edge_bias_fine"])


def test_what_a_pose_explains_is_not_held_against_the_mark() -> None:
    shifted, redrawn = moved(disc(60, 112.5), disc(60)), moved(dented(), disc(60))
    assert shifted["edge_moved_broad"] < 0.25 * redrawn["edge_moved_broad"]


def test_what_is_hidden_is_not_judged() -> None:
    half = np.ones((SIDE_PX, SIDE_PX), np.float32)
    half[:, 112:] = 0
    known = phase.edges(contrast(disc(60)), 1 - disc(60))
    hidden = phase.moved(phase.split(contrast(dented())), known, half)
    assert hidden["edge_moved_broad"] < 0.3 * moved(dented(), disc(60))["edge_moved_broad"]


def test_a_blank_photo_moves_nowhere_and_is_unlike() -> None:
    blank = moved(np.zeros((SIDE_PX, SIDE_PX), np.float32), disc(60))
    assert all(value == 0.0 for name, value in blank.items() if name != "edge_unlike")
