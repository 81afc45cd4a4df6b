"""The carried comparator finds an altered design, and is deaf to what is only light."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.bundle import Bundle, carried
from vision.errors import BundleInvalid
from vision.measures.comparator import Comparator

SIDE = 192


@pytest.fixture(scope="module")
def comparator() -> Comparator:
    path = Bundle.open(carried()).part("comparator")
    if path is None:
        pytest.skip("the carried bundle has no comparator")
    return Comparator(path)


@pytest.fixture(scope="module")
def mark() -> NDArray[np.uint8]:
    """A ring with a bar and a dot, red and navy on cream, with a camera's noise."""
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    pixels = np.full((SIDE, SIDE, 3), (235, 228, 210), np.float64)
    pixels[(np.hypot(x, y) < 76) & (np.hypot(x, y) > 60)] = (25, 40, 110)
    pixels[(abs(y) < 10) & (abs(x) < 45)] = (190, 30, 35)
    pixels[np.hypot(x, y + 32) < 14] = (190, 30, 35)
    return seen(pixels, 0)


def seen(pixels: NDArray[np.generic], seed: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, 2.5, pixels.shape)
    return np.clip(pixels.astype(np.float64) + noise, 0, 255).astype(np.uint8)


def ink() -> NDArray[np.float32]:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    return np.asarray(np.hypot(x, y) < 76, np.float32)


def without_the_dot(mark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    return np.where((np.hypot(x, y + 32) < 17)[..., None], np.uint8(225), mark)


def test_a_missing_part_scores_above_the_same_mark_and_shows_on_the_map(
    comparator: Comparator, mark: NDArray[np.uint8]
) -> None:
    references = np.stack([mark, seen(mark, 1)])
    same = comparator.compare(seen(mark, 2), references, ink())
    lacking = comparator.compare(without_the_dot(mark), references, ink())
    assert lacking.logit > same.logit
    assert lacking.peak > same.peak
    row, column = np.unravel_index(int(lacking.heat.argmax()), lacking.heat.shape)
    assert np.hypot(row - (SIDE / 2 - 32), column - SIDE / 2) < 30


def test_another_hue_scores_above_a_warmer_light(comparator: Comparator, mark: NDArray[np.uint8]) -> None:
    warm = seen(mark * np.array([1.0, 0.95, 0.85]), 3)
    green = mark.copy()
    red = mark[..., 0].astype(int) - mark[..., 2] > 100
    green[red] = mark[red][:, [1, 0, 2]]
    references = mark[None]
    assert comparator.compare(green, references, ink()).logit > comparator.compare(warm, references, ink()).logit


def test_the_order_of_references_does_not_matter(comparator: Comparator, mark: NDArray[np.uint8]) -> None:
    references = np.stack([mark, seen(mark, 1), without_the_dot(mark)])
    one = comparator.compare(mark, references, ink())
    other = comparator.compare(mark, references[::-1], ink())
    assert one.logit == pytest.approx(other.logit, abs=1e-3)
    assert np.allclose(one.heat, other.heat, atol=1e-3)


def test_a_comparator_is_known_by_its_weights(comparator: Comparator) -> None:
    assert len(comparator.fingerprint) == 16


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "comparator.onnx"
    file.write_bytes(b"nothing")
    with pytest.raises(BundleInvalid, match=r"comparator\.onnx cannot be loaded"):
        Comparator(file)
