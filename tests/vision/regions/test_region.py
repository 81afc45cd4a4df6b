"""Regions: the whole photo first, then windows that stay inside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.photo import Photo
from vision.regions.region import Region, crop, propose


def blank(width: int, height: int) -> Photo:
    return Photo(np.zeros((height, width, 3), np.uint8), "0" * 64, "png")


sides = st.integers(32, 900)


def test_the_whole_photo_comes_first_then_the_centre() -> None:
    regions = propose(blank(400, 300))
    assert regions[0].box == (0.0, 0.0, 1.0, 1.0)
    assert regions[0].source == "whole"
    x0, y0, x1, y1 = regions[1].box
    assert (x0 + x1, y0 + y1) == pytest.approx((1, 1))
    assert {region.source for region in regions[1:]} == {"window"}


@given(sides, sides, st.integers(1, 20))
def test_regions_are_distinct_ordered_inside_and_no_more_than_asked(width: int, height: int, most: int) -> None:
    regions = propose(blank(width, height), most)
    assert 1 <= len(regions) <= most
    assert len({region.box for region in regions}) == len(regions)
    scores = [region.score for region in regions]
    assert scores == sorted(scores, reverse=True)
    assert all(-1e-9 <= edge <= 1 + 1e-9 for region in regions for edge in region.box)


@given(sides, sides)
def test_windows_are_square_in_pixels(width: int, height: int) -> None:
    photo = blank(width, height)
    for region in propose(photo, 15)[1:]:
        rows, columns, _ = crop(photo, region).shape
        assert abs(rows - columns) <= 2


def test_no_window_is_asked_for_twice_within_a_scale() -> None:
    windows = propose(blank(500, 500), 15)[1:]
    assert len(windows) == 14


boxes = st.tuples(*[st.floats(-0.5, 1.5)] * 4)


@given(sides, sides, boxes)
def test_a_crop_is_a_view_and_never_empty(width: int, height: int, box: tuple[float, float, float, float]) -> None:
    photo = blank(width, height)
    pixels = crop(photo, Region(box, "window", 1.0))
    assert pixels.size > 0
    assert np.shares_memory(pixels, photo.pixels)


def test_a_crop_covers_its_box() -> None:
    pixels = np.arange(100 * 200 * 3, dtype=np.uint32).reshape(100, 200, 3).astype(np.uint8)
    photo = Photo(pixels, "0" * 64, "png")
    assert np.array_equal(crop(photo, Region((0.25, 0.5, 0.75, 1.0), "window", 1.0)), pixels[50:100, 50:150])
