"""Smooth random fields, the raw material of backdrops, light and textures."""

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def octaves(height: int, width: int, cells: float, levels: int, rng: np.random.Generator) -> Field:
    """A cloud [height, width] of mean about 0 and unit-like spread: `levels` octaves from `cells` per side up."""
    total = np.zeros((height, width), np.float32)
    for level in range(levels):
        per_side = cells * 2**level
        grid = (max(2, round(per_side)), max(2, round(per_side * width / height)))
        coarse = rng.standard_normal(grid, dtype=np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(0.5**level)
    return total


def streaks(height: int, width: int, cells_x: int, cells_y: int, rng: np.random.Generator) -> Field:
    """A field [height, width] of stretched grain: few cells one way, many the other."""
    coarse = rng.standard_normal((max(2, cells_y), max(2, cells_x)), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def coordinates(height: int, width: int) -> tuple[Field, Field]:
    """Column vector y [height, 1] and row vector x [1, width], both -1..1: broadcast them."""
    y = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None]
    x = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :]
    return y, x


def smoothstep(field: NDArray[np.floating]) -> Field:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(field, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)
