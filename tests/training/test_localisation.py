"""Average precision and recall of boxes, against cases counted by hand and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from training.localisation import Matched, Proposed, Truth, average_precision, curve, found, match, side

MARKS = np.array([[0.0, 0.0, 20.0, 20.0], [100.0, 100.0, 200.0, 180.0]])
ALL = Truth(MARKS, np.ones(2, bool))


def proposed(boxes: list[list[int]], scores: list[float]) -> Proposed:
    return Proposed(np.array(boxes, np.float64).reshape(-1, 4), np.array(scores, np.float64))


def test_perfect_proposals_have_a_precision_of_one() -> None:
    matched = match(Proposed(MARKS, np.array([0.9, 0.4])), ALL)
    assert matched.hits.tolist() == [True, True]
    assert average_precision([matched]) == 1


def test_a_second_proposal_on_the_same_mark_is_an_error() -> None:
    matched = match(proposed([[0, 0, 20, 20], [0, 0, 21, 20]], [0.9, 0.8]), ALL)
    assert matched.hits.tolist() == [True, False]
    assert average_precision([matched]) == pytest.approx(0.5)


def test_marks_that_do_not_count_bring_neither_praise_nor_blame() -> None:
    truth = Truth(MARKS, np.array([True, False]))
    matched = match(proposed([[100, 100, 200, 180], [100, 100, 199, 180], [0, 0, 20, 20]], [0.9, 0.8, 0.7]), truth)
    assert (matched.hits.tolist(), matched.marks) == ([True], 1)


def test_sizes_beyond_the_slice_do_not_count_and_neither_do_proposals_of_such_sizes() -> None:
    boxes = [[0, 0, 20, 20], [300, 300, 310, 310], [100, 100, 200, 180], [300, 300, 390, 390]]
    matched = match(proposed(boxes, [0.9, 0.8, 0.7, 0.6]), ALL, sides_px=(48, np.inf))
    assert (matched.hits.tolist(), matched.marks) == ([True, False], 1)


def test_without_marks_there_is_no_precision_but_errors_count_beside_other_photos() -> None:
    empty = match(proposed([[0, 0, 9, 9]], [0.95]), Truth(np.zeros((0, 4)), np.zeros(0, bool)))
    assert average_precision([empty]) is None
    perfect = match(Proposed(MARKS, np.array([0.9, 0.4])), ALL)
    assert average_precision([empty, perfect]) == pytest.approx(2 / 3)


def test_recall_with_few_regions() -> None:
    many = proposed([[500, 500, 510, 510], [0, 0, 20, 20], [100, 100, 200, 170]], [0.9, 0.8, 0.7])
    assert found(many, MARKS, 1).tolist() == [False, False]
    assert found(many, MARKS, 2).tolist() == [True, False]
    assert found(many, MARKS, 20).tolist() == [True, True]
    assert found(proposed([], []), MARKS, 20).tolist() == [False, False]
    assert side(MARKS).tolist() == [20, 100]


@given(seed=st.integers(0, 2000), count=st.integers(1, 40))
def test_the_curve_is_that_of_scikit_learn(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    hits, scores = rng.random(count) < 0.5, rng.permutation(count) / count
    hits[0] = True
    recall, precision = curve([Matched(scores, hits, int(hits.sum()))])
    theirs, recalls, _ = precision_recall_curve(hits, scores)
    ours = dict(zip(recall[::-1], precision[::-1], strict=True))  # the first, highest precision of each recall
    for p, r in zip(theirs[:-1], recalls[:-1], strict=True):
        assert any(abs(r - mine) < 1e-9 for mine in ours)
        assert p <= max(value for mine, value in ours.items() if mine >= r - 1e-9) + 1e-9


@given(seed=st.integers(0, 500))
def test_a_better_ranking_is_never_worse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hits = rng.random(20) < 0.4
    hits[3] = True
    scores = rng.random(20)
    lifted = np.where(hits, scores + 1, scores)
    worse, better = (average_precision([Matched(s, hits, int(hits.sum()))]) for s in (scores, lifted))
    assert worse is not None
    assert better == 1
    assert 0 < worse <= better
