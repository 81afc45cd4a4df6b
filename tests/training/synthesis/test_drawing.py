"""A drawing says where the mark is that it shows."""

import numpy as np
import pytest

from training.synthesis import brand
from training.synthesis.artwork import Artwork
from training.synthesis.drawing import cut, draw
from training.synthesis.listings import render
from training.synthesis.plan import Job, Plan, plan_jobs


def job() -> Job:
    plan = Plan(brands=1, references=1, listings=2, unrelated=0, long_side_px=(320, 320))
    return plan_jobs(plan, [Artwork("one", brand.draw(2_000_003, 256).artwork)])[0]


def test_the_photograph_is_the_one_that_a_set_of_listings_holds() -> None:
    assert np.array_equal(draw(job()).photo, render(job())[0])


def test_the_box_lies_around_the_mark() -> None:
    """A magenta square on a label is found in the photograph by its colour, where the box says."""
    pixels = np.zeros((160, 160, 4), np.uint8)
    pixels[20:140, 20:140] = (250, 0, 250, 255)
    job = Job("a.jpg", "genuine", "a", Artwork("a", pixels).pixels, "label", "studio", (), 0, 300, (0, 1))
    found = draw(job)
    red, green, blue = (found.photo[..., channel].astype(int) for channel in range(3))
    rows, columns = np.nonzero((np.minimum(red, blue) - green) > 80)
    seen = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert found.box == pytest.approx(seen, abs=4)


def test_a_cut_has_a_margin_as_far_as_the_photo_goes() -> None:
    photo = np.zeros((100, 200, 3), np.uint8)
    assert cut(photo, (50, 20, 150, 60), 0.1).shape == (48, 120, 3)
    assert cut(photo, (0, 0, 200, 100), 0.1).shape == photo.shape
