"""Members: parts are found in the references, and what became of them in the photo."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vision.faults import member
from vision.geometry.registration import soft_contrast

SIDE = 224
Grey = NDArray[np.uint8]


def letter(corner: tuple[int, int] = (100, 95), turned: bool = False) -> Grey:
    """A dark F of 34 px on a light ground, with a bar beside it that stays."""
    glyph = np.full((34, 24), 215, np.uint8)
    glyph[:, :7] = glyph[:7] = glyph[14:20, :18] = 40
    picture = np.full((SIDE, SIDE), 215, np.uint8)
    picture[60:150, 60:68] = 40
    x, y = corner
    picture[y : y + 34, x : x + 24] = glyph[:, ::-1] if turned else glyph
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8)


def known() -> list[member.Part]:
    mark = np.zeros((SIDE, SIDE), np.float32)
    mark[50:160, 50:160] = 1
    stack = np.repeat(letter()[None, ..., None], 3, axis=3)
    return member.parts(stack, mark, (letter() < 128).astype(np.float32))


def became(photo: Grey) -> dict[str, float]:
    heat = cv2.GaussianBlur(np.abs(photo.astype(np.float32) - letter().astype(np.float32)) / 255, (0, 0), 4.0)
    return member.measure(np.asarray(heat + 1e-4, np.float32), soft_contrast(photo), soft_contrast(letter()), known())


def test_the_parts_of_a_mark_are_found() -> None:
    boxes = [part.box for part in known()]
    assert any(np.abs(np.subtract(box, (100, 95, 24, 34))).max() <= 3 for box in boxes)
    assert any(np.abs(np.subtract(box, (60, 60, 8, 90))).max() <= 3 for box in boxes)


def test_a_mark_without_an_area_has_no_parts() -> None:
    blank = np.zeros((SIDE, SIDE), np.float32)
    assert member.parts(np.zeros((1, SIDE, SIDE, 3), np.uint8), blank, blank) == []


def test_a_part_turned_over_is_told_from_a_moved_one() -> None:
    turned, moved = became(letter(turned=True)), became(letter((112, 103)))
    assert turned["part_flipped"] > 0.3
    assert turned["part_rather_flipped"] > 0.1
    assert moved["part_shifted"] > 0.3
    assert moved["part_rather_flipped"] < -0.1


def test_a_lost_part_does_not_keep_its_place() -> None:
    blank = letter()
    blank[90:135, 95:130] = 215
    assert became(blank)["part_kept"] < 0.5 < became(letter())["part_kept"]


def test_nothing_speaks_where_nothing_changed() -> None:
    found = became(letter())
    assert max(found["part_moved"], found["part_flipped"]) < 0.1


@pytest.mark.parametrize("corner", [(0, 0), (SIDE - 24, SIDE - 34)])
def test_a_part_at_the_frame_s_edge_is_looked_for(corner: tuple[int, int]) -> None:
    assert np.isfinite(list(became(letter(corner)).values())).all()
