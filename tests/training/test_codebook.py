"""The codebook's fit: centres where descriptors are, rarity of what few photographs show."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.codebook import VIEWS, fit, rarity, seen
from training.synthesis import brand
from vision.errors import ConfigurationError
from vision.geometry.codebook import SIGNED_BITS


@pytest.fixture(scope="module")
def photographs() -> list[NDArray[np.uint8]]:
    return list(seen(brand.draw(2_000_002, 256).artwork, np.random.default_rng(0)))


def test_each_view_gives_the_descriptors_on_the_mark(photographs: list[NDArray[np.uint8]]) -> None:
    assert len(photographs) == len(VIEWS)
    assert all(descriptors.shape[1] == 128 for descriptors in photographs)
    assert sum(map(len, photographs)) > 50


def test_centres_lie_where_descriptors_are(photographs: list[NDArray[np.uint8]]) -> None:
    book = fit(photographs, centres=4)
    assert book.centres.shape == (4, 128)
    assert np.allclose(book.directions @ book.directions.T, np.eye(SIGNED_BITS), atol=1e-5)
    words = book.words(np.concatenate(photographs), 1)
    assert set(words.word[:, 0]) == {0, 1, 2, 3}


def test_what_few_photographs_show_is_rare() -> None:
    word = np.array([0, 0, 1, 0, 2, 0], np.int32)
    assert rarity(word, [3, 2, 1], 4) == pytest.approx(np.log([1, 2, 2, 4]))


def test_too_few_features_are_refused_by_number() -> None:
    with pytest.raises(ConfigurationError, match=r"8 local features for 4 centres: 32 are needed"):
        fit([np.ones((8, 128), np.uint8)], centres=4)
