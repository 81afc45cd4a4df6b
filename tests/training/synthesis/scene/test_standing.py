"""What can be seen of a mark stays true while things are laid over it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.synthesis.scene.marks import imprint
from training.synthesis.scene.standing import Standing


def standing(x: int = 10, y: int = 20, side: int = 30) -> Standing:
    return Standing(imprint(), "label", 0.0, float(side * side), np.ones((side, side), np.float32), x, y)


def box(mark: Standing) -> tuple[float, ...] | None:
    return mark.box


def test_a_whole_mark_shows_its_whole_box() -> None:
    assert box(standing()) == (10, 20, 40, 50)


def test_a_whole_mark_is_seen_wholly() -> None:
    assert standing().visible == 1


def test_what_lies_over_it_takes_from_its_box() -> None:
    hidden = standing().under(np.ones((100, 15), np.float32), 0, 0)
    assert box(hidden) == (15, 20, 40, 50)
    assert hidden.visible == pytest.approx(25 / 30)


def test_a_veil_hides_nothing_and_a_wall_hides_all() -> None:
    assert standing().under(np.full((100, 100), 0.5, np.float32), 0, 0).visible == 1
    assert standing().under(np.ones((100, 100), np.float32), 0, 0).box is None


def test_beyond_the_thing_that_bears_it_there_is_no_mark() -> None:
    assert box(standing().cut_out(np.ones((100, 100), np.float32), 25, 0)) == (25, 20, 40, 50)
    assert standing().cut_out(np.ones((5, 5), np.float32), 90, 90).box is None


def test_a_frame_cuts_it_off() -> None:
    assert box(standing().moved(-20, 0).within(100, 40)) == (0, 20, 20, 40)
    assert not standing().moved(200, 0).within(100, 100).mask.size


@given(x=st.integers(-40, 60), y=st.integers(-40, 60), width=st.integers(1, 50), height=st.integers(1, 50))
def test_laying_anything_over_it_never_shows_more(x: int, y: int, width: int, height: int) -> None:
    before = standing()
    after = before.under(np.ones((height, width), np.float32), x, y)
    assert after.visible <= before.visible
    overlap = max(0, min(40, x + width) - max(10, x)) * max(0, min(50, y + height) - max(20, y))
    assert after.visible == pytest.approx(1 - overlap / 900)
