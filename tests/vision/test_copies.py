"""Copies are found however they were saved; what only looks alike is none."""

import hashlib
import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.vision.scenes import artwork_of, photo_of
from training.synthesis.forgery import forge
from vision.copies import originals
from vision.photo import Photo, decode

ACME = 9_000_001


def taken(artwork: NDArray[np.uint8], seed: int) -> Photo:
    """A photograph, told from others by its own bytes."""
    shot = photo_of(artwork, seed)
    return Photo(shot.pixels, hashlib.sha256(shot.pixels.tobytes()).hexdigest(), "png")


@pytest.fixture(scope="module")
def photo() -> Photo:
    return taken(artwork_of(ACME), 21)


def saved(photo: Photo, quality: int = 60, scale: float = 1.0) -> Photo:
    """The same picture as a site would store it."""
    image = Image.fromarray(photo.pixels)
    if scale != 1:
        image = image.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return decode(buffer.getvalue())


def test_a_copy_saved_anew_or_resized_is_the_largest_ones(photo: Photo) -> None:
    assert originals([photo, photo]) == (0, 0)
    assert originals([saved(photo, 30), photo]) == (0, 0)
    assert originals([saved(photo, scale=0.5), photo, saved(photo, scale=1.3)]) == (2, 2, 2)


def test_two_photographs_of_one_thing_are_no_copies(photo: Photo) -> None:
    other = taken(artwork_of(ACME), 22)
    assert originals([photo, other]) == (0, 1)


@pytest.mark.parametrize("kind", ["hue", "part_missing", "mirrored"])
def test_the_same_photograph_of_an_altered_mark_is_no_copy(photo: Photo, kind: str) -> None:
    forged = forge(artwork_of(ACME), kind, 3, np.random.default_rng(1)).artwork
    assert originals([photo, taken(forged, 21)]) == (0, 1)


def test_a_picture_with_something_small_in_it_is_no_copy(photo: Photo) -> None:
    pixels = photo.pixels.copy()
    cv2.circle(pixels, (60, 60), 30, (255, 30, 30), -1)
    assert originals([photo, Photo(pixels, "other", "png")]) == (0, 1)


def test_one_photo_or_none_has_no_copies(photo: Photo) -> None:
    assert originals([]) == ()
    assert originals([photo]) == (0,)


def test_groups_are_kept_apart(photo: Photo) -> None:
    other = taken(artwork_of(ACME), 22)
    assert originals([photo, other, saved(photo, 70, 0.8), saved(other, 70, 0.8)]) == (0, 1, 0, 1)
