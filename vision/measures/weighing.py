"""Weighing: a map of the frame as one number over the mark."""

import numpy as np
from numpy.typing import NDArray


def mean(values: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    """Mean of `values` weighed by `weight`, of equal shape; 0 where nothing is weighed."""
    return float((values * weight).sum() / max(float(weight.sum()), 1.0))


def worst(values: NDArray[np.float32], weight: NDArray[np.float32], share: float) -> float:
    """Mean of the largest `share` of `values` where `weight` is set; 0 where nothing is."""
    inside = values[weight > 0.5]
    if inside.size == 0:
        return 0.0
    count = max(1, int(share * inside.size))
    return float(np.partition(inside, -count)[-count:].mean())
