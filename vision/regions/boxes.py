"""Boxes: how much two overlap, and which of many that overlap to keep."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating]  # [n, 4] x0 y0 x1 y1, any one unit


def area(boxes: Boxes) -> NDArray[np.float64]:
    """Areas [n]; 0 for an inverted box."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float64)


def iou(boxes: Boxes, others: Boxes) -> NDArray[np.float64]:
    """Intersection over union [n, m], 0..1."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    shared = sides[..., 0] * sides[..., 1]
    union = area(boxes)[:, None] + area(others)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-12), np.float64)


def keep(boxes: Boxes, scores: NDArray[np.floating], most_iou: float, most: int) -> NDArray[np.intp]:
    """Indices of at most `most` boxes, best first, none of which overlaps a better one by more than `most_iou`.

    Greedy non-maximum suppression. Equal scores stay in the order given.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size and len(kept) < most:
        best = int(order[0])
        kept.append(best)
        overlap = iou(boxes[best : best + 1], boxes[order[1:]])[0]
        order = order[1:][overlap <= most_iou]
    return np.array(kept, np.intp)
