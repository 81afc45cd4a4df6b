"""Scenes: the same for a seed, with boxes where the marks are."""

import numpy as np
import pytest

from tests.training.synthesis.scene.marks import cast, imprint
from training.synthesis.scene import COMPOSITIONS, Cast, Scene, compose
from training.synthesis.scene.compose import SHARES
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.stand import Stand
from training.synthesis.scene.thing import goods


def scene(composition: str | None, seed: int, marks: Cast | None = None) -> Scene:
    return compose(cast() if marks is None else marks, np.random.default_rng(seed), 256, composition)


def test_shares_cover_all_compositions() -> None:
    assert len(SHARES) == len(COMPOSITIONS)
    assert sum(SHARES) == pytest.approx(1)


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_a_scene_is_its_seed(composition: str) -> None:
    one, other = scene(composition, 5), scene(composition, 5)
    assert np.array_equal(one.photo, other.photo)
    assert [mark.box for mark in one.marks] == [mark.box for mark in other.marks]


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_boxes_lie_in_the_photograph_and_marks_are_the_casts(composition: str) -> None:
    scenes = [scene(composition, seed) for seed in range(4)]
    assert any(one.marks for one in scenes)
    for one in scenes:
        height, width = one.photo.shape[:2]
        assert max(height, width) == 256
        for mark in one.marks:
            assert mark.box is not None
            x0, y0, x1, y1 = mark.box
            assert 0 <= x0 < x1 <= width
            assert 0 <= y0 < y1 <= height
            assert 0 < mark.visible <= 1
            assert mark.imprint.brand in {"brand-0", "brand-1", "brand-2"}


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_without_imprints_there_are_no_marks(composition: str) -> None:
    assert not scene(composition, 3, Cast(None)).marks


def test_without_strangers_every_mark_is_the_listed_brands() -> None:
    for seed in range(8):
        assert {mark.imprint.brand for mark in scene(None, seed, Cast(imprint(4))).marks} <= {"brand-4"}


@pytest.mark.parametrize("product", ["label", "valve cap", "garment"])
def test_the_box_is_where_the_mark_changes_the_picture(product: str) -> None:
    """The same goods with and without their mark differ inside the box, and nowhere else but by a rim."""
    pictures, marked = [], imprint(3)
    for pixels in (marked.pixels, np.zeros_like(marked.pixels)):
        picture = Picture(np.full((240, 320, 3), 0.2, np.float32), 500.0)
        shown = type(marked)("b", pixels, marked.genuine)
        thing = goods(shown, product, "printed", 256, np.random.default_rng(2))
        picture.lay(thing, Stand(140, 110, 200, 20, 25, -15), np.random.default_rng(0))
        pictures.append(picture)
    differs = np.abs(pictures[0].scene - pictures[1].scene).max(2) > 0.08
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    box = pictures[0].marks[0].box
    assert box is not None
    seen = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert np.abs(np.array(seen) - np.array(box)).max() <= 5
    assert pictures[0].marks[0].visible > 0.9
    assert pictures[0].marks[0].tilt_deg == pytest.approx(32, abs=8)


def test_what_is_laid_later_hides_what_lies_below() -> None:
    picture = Picture(np.full((240, 320, 3), 0.2, np.float32), 500.0)
    rng = np.random.default_rng(1)
    thing = goods(imprint(), "label", "printed", 128, rng)
    for shift in (0, 60):
        picture.lay(thing, Stand(120 + shift, 120, 150), rng)
    assert picture.marks[0].visible < 0.7
    assert picture.marks[1].visible > 0.95
