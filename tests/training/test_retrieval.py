"""Retrieval counts what it says it counts."""

import numpy as np
import pytest

from training.retrieval import average_precisions, brand_ranks, retrieval, separation

REFERENCES = np.eye(6, dtype=np.float32)
BRANDS = np.arange(6)


def test_a_perfect_query_ranks_first() -> None:
    assert brand_ranks(REFERENCES, BRANDS, REFERENCES, BRANDS).tolist() == [0] * 6


def test_rank_counts_nearer_brands_not_references() -> None:
    references = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    query = np.array([[0.8, 0.6]], np.float32)
    assert brand_ranks(query, np.array([9]), references, np.array([4, 4, 4, 9])).tolist() == [1]


def test_recall_is_the_share_within_one_and_five() -> None:
    queries = np.array([[6, 5, 4, 3, 2, 1]] * 6, np.float32) / np.float32(10)
    found = retrieval(queries, BRANDS, REFERENCES, BRANDS)
    assert (found.recall_at_1, found.recall_at_5) == pytest.approx((1 / 6, 5 / 6))


def test_separation_is_an_auroc() -> None:
    high, low = np.array([0.9, 0.8], np.float32), np.array([0.1, 0.2], np.float32)
    assert separation(high, low) == 1
    assert separation(low, high) == 0
    assert separation(low, low) == 0.5


def test_average_precision_is_the_mean_precision_at_each_relevant_one() -> None:
    cosine = np.array([[0.9, 0.8, 0.7, 0.6]] * 3, np.float32)
    relevant = np.array([[True, False, True, False], [False, False, False, True], [False] * 4])
    found = average_precisions(cosine, relevant)
    assert found[:2] == pytest.approx([(1 + 2 / 3) / 2, 1 / 4])
    assert np.isnan(found[2])
