"""Handmade: what was done before networks, colours counted and edges by direction (HSV histogram and HOG)."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE_PX, _CELL_PX, _DIRECTIONS = 64, 8, 9
_COLOURS = (16, 4, 4)  # hue, saturation, value


class Handmade:
    """Both descriptions, each of unit length and weighing the same."""

    name = "HSV histogram + HOG"

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[B, 2020]` of RGB images of any size."""
        sized = [cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA) for image in images]
        both = [np.concatenate([colours(image), edges(image)]) / np.sqrt(2) for image in np.asarray(sized, np.uint8)]
        return np.asarray(both, np.float32)


def colours(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Root of the share of each colour, so that a cosine is the Bhattacharyya coefficient: `[256]`."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    counted = cv2.calcHist([hsv], [0, 1, 2], None, list(_COLOURS), [0, 180, 0, 256, 0, 256])
    return np.asarray(np.sqrt(counted.ravel() / counted.sum()), np.float64)


def edges(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Histograms of oriented gradients (Dalal and Triggs 2005) with blocks of 2 x 2 cells: `[7 * 7 * 36]`."""
    grey = np.sqrt(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64))
    down, across = np.gradient(grey)
    direction = (np.arctan2(down, across) % np.pi * _DIRECTIONS / np.pi).astype(np.int64) % _DIRECTIONS
    votes = np.eye(_DIRECTIONS)[direction] * np.hypot(down, across)[..., None]  # [S, S, 9]
    count = _SIDE_PX // _CELL_PX
    cells = votes.reshape(count, _CELL_PX, count, _CELL_PX, _DIRECTIONS).sum((1, 3))
    blocks = np.concatenate([cells[:-1, :-1], cells[1:, :-1], cells[:-1, 1:], cells[1:, 1:]], 2)  # [7, 7, 36]
    flat = np.minimum(_unit(blocks), 0.2)
    return _unit(_unit(flat).reshape(-1))


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-9), np.float64)
