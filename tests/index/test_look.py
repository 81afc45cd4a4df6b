"""A photo's fingerprint survives what copying does to it; its sharpness does not depend on its size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from index.look import differing_bits, fingerprint_of, look_at, sharpness_of
from index.reference_set import BLURRED_BELOW, NEAR_DUPLICATE_BITS
from tests.index.pictures import encoded, mark
from vision.photo import decode

SEEDS = range(8)
bits = st.integers(0, 2**64 - 1)


@given(bits, bits, bits)
def test_differing_bits_is_a_distance(a: int, b: int, c: int) -> None:
    assert (differing_bits(a, b) == 0) == (a == b)
    assert differing_bits(a, b) == differing_bits(b, a) <= 64
    assert differing_bits(a, c) <= differing_bits(a, b) + differing_bits(b, c)


def fingerprint(image: Image.Image) -> int:
    return fingerprint_of(np.asarray(image))


@pytest.mark.parametrize("seed", SEEDS)
def test_copies_look_alike(seed: int) -> None:
    original = mark(seed)
    smaller = original.resize((90, 90), Image.Resampling.LANCZOS)
    resaved = Image.fromarray(decode(encoded(original, quality=40)).pixels)
    darker = original.point(lambda value: int(value * 0.8))
    for copy in (smaller, resaved, darker):
        assert differing_bits(fingerprint(original), fingerprint(copy)) <= NEAR_DUPLICATE_BITS


def test_other_marks_look_otherwise() -> None:
    prints = [fingerprint(mark(seed)) for seed in SEEDS]
    apart = [differing_bits(a, b) for i, a in enumerate(prints) for b in prints[:i]]
    assert min(apart) > NEAR_DUPLICATE_BITS


@pytest.mark.parametrize("scale", [1, 4])
def test_blur_shows_at_any_size(scale: int) -> None:
    sharp = mark(3).resize((200 * scale,) * 2, Image.Resampling.LANCZOS)
    blurred = sharp.filter(ImageFilter.GaussianBlur(2.5 * scale))
    assert sharpness_of(np.asarray(blurred)) < BLURRED_BELOW < sharpness_of(np.asarray(sharp))


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 300, 3), (300, 1, 3), (64, 64, 3)])
def test_blank_and_thin_pictures_are_measured_too(shape: tuple[int, int, int]) -> None:
    blank = np.full(shape, 128, np.uint8)
    assert sharpness_of(blank) == 0
    assert 0 <= fingerprint_of(blank) < 2**64


def test_a_look_says_what_was_decoded() -> None:
    photo = decode(encoded(mark(1).resize((120, 80)), "PNG"))
    look = look_at(photo)
    assert (look.sha256, look.format, look.width, look.height) == (photo.sha256, "png", 120, 80)
