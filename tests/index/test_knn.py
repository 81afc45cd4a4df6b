"""The exact indexes answer what brute force does, the approximate one nearly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.hits import BruteForce, Hits, KnnIndex
from index.knn import ApproximateIndex, FlatIndex, Kind, QuantisedIndex, kind_for, write_approximate

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
    exact = BruteForce(vectors).search(queries, k)
    for fast in (FlatIndex(vectors), QuantisedIndex(vectors)):
        assert_congruent(fast.search(queries, k), exact, vectors, queries)


def test_of_cosines_that_round_to_one_distance_the_first_row_comes_first() -> None:
    cosine = np.array([[-0.02224648, -0.022246478]], np.float32)  # the second is nearer by less than a distance can say
    hits = Hits.nearest(np.array([[3, 11]]), cosine, 2)
    assert hits.distance[0, 0] == hits.distance[0, 1]
    assert hits.row[0].tolist() == [3, 11]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 60), k=st.integers(1, 80))
def test_nearest_first_and_of_equals_the_first_row(seed: int, n: int, k: int) -> None:
    vectors = drawn(seed, n, 4, 5)
    for index in (FlatIndex(vectors), QuantisedIndex(vectors), BruteForce(vectors)):
        hits = index.search(vectors[:3], k)
        for distances, rows in zip(hits.distance, hits.row, strict=True):
            assert distances[0] == pytest.approx(0, abs=TOLERANCE)
            assert np.all((distances[:n] >= 0) & (distances[:n] <= 2))
            keys = list(zip(distances.tolist(), np.where(rows < 0, n, rows).tolist(), strict=True))
            assert keys == sorted(keys)


Make = Callable[[NDArray[np.float32]], KnnIndex]


@pytest.mark.parametrize("make", [FlatIndex, QuantisedIndex, BruteForce])
def test_more_neighbours_than_vectors(make: Make) -> None:
    index: KnnIndex = make(np.eye(3, dtype=np.float32))
    hits = index.search(np.eye(3, dtype=np.float32)[:1], 5)
    assert hits.row.tolist() == [[0, 1, 2, -1, -1]]
    assert hits.distance.tolist() == [[0, 1, 1, np.inf, np.inf]]


@pytest.mark.parametrize("make", [FlatIndex, BruteForce])
def test_empty(make: Make) -> None:
    nothing: KnnIndex = make(np.zeros((0, 3), np.float32))
    assert len(nothing) == 0
    assert nothing.search(np.eye(3, dtype=np.float32), 2).row.tolist() == [[-1, -1]] * 3
    assert make(np.eye(3, dtype=np.float32)).search(np.zeros((0, 3), np.float32), 2).row.shape == (0, 2)


def test_codes_never_decide() -> None:
    """Thousands of vectors closer to one another than their int8 codes can tell."""
    rng = np.random.default_rng(3)
    centre = rng.normal(size=64)
    vectors = unit(np.concatenate([centre + 1e-4 * rng.normal(size=(3000, 64)), rng.normal(size=(3000, 64))]))
    queries = unit(centre + 1e-4 * rng.normal(size=(20, 64)))
    assert_congruent(
        QuantisedIndex(vectors).search(queries, 10), BruteForce(vectors).search(queries, 10), vectors, queries
    )


@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_an_approximate_index_finds_nearly_all(tmp_path: Path, kind: Kind) -> None:
    vectors, queries = drawn(5, 4000, 32, 4000), drawn(6, 50, 32, 50)
    write_approximate(tmp_path / "index", kind, [vectors[:1500], vectors[1500:1501], vectors[1501:]])
    index = ApproximateIndex.open(tmp_path / "index", kind)
    exact = BruteForce(vectors).search(queries, 10).row
    found = index.candidates(queries, 80)
    # directions drawn evenly are the hardest there are: nothing lies together
    assert np.mean([np.isin(e, f).mean() for e, f in zip(exact, found, strict=True)]) > 0.8
    live = np.ones(len(vectors), np.bool_)
    live[exact[:, 0]] = False
    assert not np.isin(exact[:, 0], index.candidates(queries, 80, live)).any()


def test_the_kind_follows_the_size() -> None:
    assert [kind_for(rows) for rows in (0, 50_000, 50_001, 100_000, 100_001, 10**7)] == [
        "flat",
        "flat",
        "hnsw",
        "hnsw",
        "ivf",
        "ivf",
    ]
