"""Cutting a part out of a mark, closing the hole, and setting the part in again elsewhere."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery.mark import TRANSPARENT, Mark, Part, grow

_RIM_PX = 2  # anti-aliased rim that goes with a part


@dataclass(frozen=True, eq=False)
class Cutting:
    """A part lifted from the mark, on a square of its own."""

    layers: NDArray[np.float32]  # [S, S, 4] premultiplied
    weight: NDArray[np.float32]  # [S, S] 0..1, soft edged
    floats: bool  # it lay on transparency: only its own ink covers what it is set on


def nearest_fill(layers: NDArray[np.float32], source: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Every pixel replaced by its nearest `source` pixel. [h, w, C], [h, w] -> [h, w, C]."""
    _, places = cv2.distanceTransformWithLabels(
        (~source).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(places.max()) + 1, layers.shape[2]), np.float32)
    table[places[source]] = layers[source]
    return np.asarray(table[places], dtype=np.float32)


def surrounding_label(mark: Mark, hole: NDArray[np.bool_]) -> int:
    """The colour that most of a thin ring around the hole has."""
    ring = grow(hole, 3).astype(bool) & ~hole
    if not ring.any():
        return TRANSPARENT
    return int(np.bincount(mark.labels[ring]).argmax())


def erase(mark: Mark, layers: NDArray[np.float32], hole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """`layers` with the hole closed by what surrounds it; where that is transparency, the hole stays open."""
    label = surrounding_label(mark, hole)
    source = mark.of_label(label) & ~grow(hole, 2).astype(bool)
    closed = layers.copy()
    if label == TRANSPARENT or not source.any():
        closed[hole] = 0
        return closed
    rows, columns = _window(hole, margin_px=24)
    if not source[rows, columns].any():
        rows, columns = slice(None), slice(None)
    filled = cv2.GaussianBlur(nearest_fill(layers[rows, columns], source[rows, columns]), (0, 0), 2.0)
    closed[rows, columns] = np.where(hole[rows, columns, None], filled, layers[rows, columns])
    return closed


def erase_part(mark: Mark, layers: NDArray[np.float32], part: Part) -> NDArray[np.float32]:
    """`layers` without the part and all that lies inside it."""
    return erase(mark, layers, part.spread(mark.size_px, _RIM_PX + 1))


def cut(mark: Mark, part: Part) -> Cutting:
    """The part with all that lies inside it."""
    body = part.spread(mark.size_px, _RIM_PX)
    soft = cv2.GaussianBlur(grow(part.spread(mark.size_px), 1).astype(np.float32), (0, 0), 0.8)
    weight = np.asarray(soft * body, dtype=np.float32)
    return Cutting(mark.layers, weight, surrounding_label(mark, body) == TRANSPARENT)


def move(cutting: Cutting, matrix: NDArray[np.float64]) -> Cutting:
    """The cutting under an affine map [2, 3] of pixel positions."""
    size = cutting.weight.shape[::-1]
    layers = cv2.warpAffine(cutting.layers, matrix, size, flags=cv2.INTER_LINEAR)
    weight = cv2.warpAffine(cutting.weight, matrix, size, flags=cv2.INTER_LINEAR)
    return Cutting(np.asarray(layers, dtype=np.float32), np.asarray(weight, dtype=np.float32), cutting.floats)


def set_in(layers: NDArray[np.float32], cutting: Cutting) -> NDArray[np.float32]:
    """`layers` with the cutting laid over."""
    weight = cutting.weight[..., None]
    cover = weight * cutting.layers[..., 3:] if cutting.floats else weight
    return cutting.layers * weight + layers * (1 - cover)


def similarity(
    centre: tuple[float, float],
    shift: tuple[float, float] = (0.0, 0.0),
    turn_deg: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
) -> NDArray[np.float64]:
    """Affine map [2, 3] that scales along x and y, turns about `centre` (px) and then shifts (px)."""
    turn = np.deg2rad(turn_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = rotation @ np.diag(scale)
    middle = np.asarray(centre)
    return np.concatenate([linear, (middle + shift - linear @ middle)[:, None]], axis=1)


def _window(hole: NDArray[np.bool_], margin_px: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    return (
        slice(max(0, int(rows[0]) - margin_px), int(rows[-1]) + margin_px + 1),
        slice(max(0, int(columns[0]) - margin_px), int(columns[-1]) + margin_px + 1),
    )
