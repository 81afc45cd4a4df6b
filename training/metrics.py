"""Figures of merit of scores: arrays in, numbers out. Larger scores mean less like the genuine."""

import numpy as np
from numpy.typing import NDArray


def auroc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float | None:
    """Chance that a positive outscores a negative, ties counting half (Mann-Whitney); None when one is empty."""
    if len(positive) == 0 or len(negative) == 0:
        return None
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).mean() / 2 / len(negative))


def tpr_at_fpr(positive: NDArray[np.float64], negative: NDArray[np.float64], fpr: float) -> float | None:
    """Share of positives above a threshold that at most `fpr` of the negatives exceed."""
    if len(positive) == 0 or len(negative) == 0:
        return None
    allowed = int(np.floor(fpr * len(negative) + 1e-9))
    threshold = np.sort(negative)[::-1][allowed] if allowed < len(negative) else -np.inf
    return float((positive > threshold).mean())


def roc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points `[P, 2]` of false and true positive rate, from the strictest threshold to the loosest."""
    thresholds = np.unique(np.concatenate([positive, negative]))[::-1]
    fpr = [0.0, *((negative >= t).mean() for t in thresholds)]
    tpr = [0.0, *((positive >= t).mean() for t in thresholds)]
    return np.stack([fpr, tpr], axis=1)


def share(flags: NDArray[np.bool_] | list[bool]) -> float | None:
    """Share of flags set; None of none."""
    return float(np.mean(flags)) if len(flags) else None
