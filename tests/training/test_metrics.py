"""Figures of merit against their definitions and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training import metrics

values = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40).map(np.array)


@given(values, values)
def test_auroc_is_the_share_of_pairs_in_order(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> None:
    pairs = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert metrics.auroc(positive, negative) == pytest.approx(np.mean(pairs))


@given(values, values, st.sampled_from([0.01, 0.05, 0.3]))
def test_at_most_the_allowed_share_of_negatives_is_above(
    positive: NDArray[np.float64], negative: NDArray[np.float64], fpr: float
) -> None:
    curve = metrics.roc(positive, negative)
    reachable = curve[curve[:, 0] <= fpr + 1e-9, 1].max()
    assert metrics.tpr_at_fpr(positive, negative, fpr) == pytest.approx(reachable)


def test_nothing_to_compare_gives_nothing() -> None:
    none = np.zeros(0)
    assert metrics.auroc(none, np.ones(3)) is None
    assert metrics.tpr_at_fpr(np.ones(3), none, 0.01) is None
    assert metrics.share([]) is None


def test_roc_runs_from_corner_to_corner() -> None:
    curve = metrics.roc(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [1, 1]
