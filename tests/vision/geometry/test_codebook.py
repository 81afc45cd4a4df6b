"""The codebook: names descriptors by their nearest centre, and signs alike what is alike."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.scenes import artwork_of, photo_of
from vision.geometry.codebook import SIGNED_BITS, Codebook, carried
from vision.geometry.features import extract, root


@pytest.fixture(scope="module")
def descriptors() -> NDArray[np.uint8]:
    return extract(photo_of(artwork_of(9_000_001), 5).pixels).descriptors


def shaken(descriptors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).normal(0, 3, descriptors.shape)
    return np.clip(descriptors + noise, 0, 255).astype(np.uint8)


def test_the_nearest_centres_name_a_descriptor_nearest_first(descriptors: NDArray[np.uint8]) -> None:
    book = carried()
    words = book.words(descriptors, 3)
    far = np.linalg.norm(root(descriptors)[:, None] - book.centres[None], axis=2)
    assert (words.word == np.argsort(far, axis=1)[:, :3]).mean() > 0.99  # equally far ones aside
    assert (book.words(descriptors, 1).word[:, 0] == words.word[:, 0]).all()


def test_signatures_differ_in_few_bits_where_descriptors_differ_little(descriptors: NDArray[np.uint8]) -> None:
    book = carried()
    one, other = book.words(descriptors, 1), book.words(shaken(descriptors), 1)
    same = one.word == other.word
    assert same.mean() > 0.6
    assert np.bitwise_count(one.signature ^ other.signature)[same].mean() < 14
    unrelated = np.bitwise_count(one.signature ^ np.roll(one.signature, 1))
    assert abs(unrelated.mean() - SIGNED_BITS / 2) < 5


def test_a_photo_without_features_has_no_words() -> None:
    words = carried().words(np.zeros((0, 128), np.uint8), 2)
    assert words.word.shape == words.signature.shape == (0, 2)


def test_what_is_saved_is_read_again(descriptors: NDArray[np.uint8], tmp_path: Path) -> None:
    carried().save(tmp_path / "book.npz")
    again = Codebook.load(tmp_path / "book.npz")
    assert (again.words(descriptors, 2).signature == carried().words(descriptors, 2).signature).all()
    assert again.rarity.shape == (len(again.centres),)
