"""The fast index answers what brute force does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.knn import BruteForce, FlatIndex, Hits, KnnIndex

TOLERANCE = 1e-5


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def drawn(seed: int, n: int, d: int, distinct: int) -> NDArray[np.float32]:
    """`n` unit vectors of which at most `distinct` differ: the others tie."""
    rng = np.random.default_rng(seed)
    return unit(rng.normal(size=(distinct, d)))[rng.integers(0, distinct, n)]


def assert_congruent(fast: Hits, exact: Hits, vectors: NDArray[np.float32], queries: NDArray[np.float32]) -> None:
    """Equal distances, and rows that truly are that far, each once; which of equally far rows is left open."""
    np.testing.assert_allclose(fast.distance, exact.distance, atol=TOLERANCE)
    np.testing.assert_array_equal(fast.row < 0, exact.row < 0)
    for rows, distances, query in zip(fast.row, fast.distance, queries, strict=True):
        found = rows[rows >= 0]
        assert len(set(found.tolist())) == len(found)
        np.testing.assert_allclose(1 - vectors[found] @ query, distances[rows >= 0], atol=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 200),
    d=st.sampled_from([2, 16, 33]),
    distinct=st.integers(1, 40),
    q=st.integers(0, 30),
    k=st.integers(1, 250),
)
def test_congruence(seed: int, n: int, d: int, distinct: int, q: int, k: int) -> None:
    vectors, queries = drawn(seed, n, d, distinct), drawn(seed + 1, q, d, 30)
    fast, exact = FlatIndex(vectors).search(queries, k), BruteForce(vectors).search(queries, k)
    assert_congruent(fast, exact, vectors, queries)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 60), k=st.integers(1, 80))
def test_nearest_first_and_of_equals_the_first_row(seed: int, n: int, k: int) -> None:
    vectors = drawn(seed, n, 4, 5)
    for index in (FlatIndex(vectors), BruteForce(vectors)):
        hits = index.search(vectors[:3], k)
        for distances, rows in zip(hits.distance, hits.row, strict=True):
            assert distances[0] == pytest.approx(0, abs=TOLERANCE)
            assert np.all((distances[:n] >= 0) & (distances[:n] <= 2))
            keys = list(zip(distances.tolist(), np.where(rows < 0, n, rows).tolist(), strict=True))
            assert keys == sorted(keys)


@pytest.mark.parametrize("make", [FlatIndex, BruteForce])
def test_more_neighbours_than_vectors(make: type[FlatIndex] | type[BruteForce]) -> None:
    index: KnnIndex = make(np.eye(3, dtype=np.float32))
    hits = index.search(np.eye(3, dtype=np.float32)[:1], 5)
    assert hits.row.tolist() == [[0, 1, 2, -1, -1]]
    assert hits.distance.tolist() == [[0, 1, 1, np.inf, np.inf]]


@pytest.mark.parametrize("make", [FlatIndex, BruteForce])
def test_empty(make: type[FlatIndex] | type[BruteForce]) -> None:
    nothing: KnnIndex = make(np.zeros((0, 3), np.float32))
    assert len(nothing) == 0
    assert nothing.search(np.eye(3, dtype=np.float32), 2).row.tolist() == [[-1, -1]] * 3
    assert make(np.eye(3, dtype=np.float32)).search(np.zeros((0, 3), np.float32), 2).row.shape == (0, 2)
