"""Overlap and suppression of boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vision.regions.boxes import area, iou, keep


def some(count: int, seed: int = 0) -> NDArray[np.float64]:
    corner = np.random.default_rng(seed).uniform(0, 80, (count, 2))
    return np.hstack([corner, corner + np.random.default_rng(seed + 1).uniform(1, 40, (count, 2))])


def test_a_box_overlaps_itself_wholly_and_a_distant_one_not_at_all() -> None:
    boxes = np.array([[0.0, 0.0, 10.0, 10.0], [20.0, 20.0, 30.0, 25.0]])
    assert iou(boxes, boxes) == pytest.approx(np.eye(2))
    assert area(boxes) == pytest.approx([100, 50])
    assert iou(boxes[:1], np.array([[5.0, 0.0, 15.0, 10.0]]))[0, 0] == pytest.approx(1 / 3)


@given(seed=st.integers(0, 1000), count=st.integers(0, 30), most_iou=st.floats(0.1, 0.9), most=st.integers(1, 40))
def test_what_is_kept_overlaps_little_and_what_is_not_has_a_better_neighbour(
    seed: int, count: int, most_iou: float, most: int
) -> None:
    boxes, scores = some(count, seed), np.random.default_rng(seed).random(count)
    kept = keep(boxes, scores, most_iou, most)
    assert len(kept) <= most
    assert list(scores[kept]) == sorted(scores[kept], reverse=True)
    between = iou(boxes[kept], boxes[kept]) - np.eye(len(kept))
    assert not (between > most_iou + 1e-9).any()
    if len(kept) < most:
        for left in set(range(count)) - set(kept.tolist()):
            better = [index for index in kept if scores[index] >= scores[left]]
            assert (iou(boxes[better], boxes[left : left + 1]) > most_iou).any()


def test_equal_scores_stay_in_order() -> None:
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [5.0, 5.0, 6.0, 6.0]])
    assert keep(boxes, np.ones(2), 0.5, 2).tolist() == [0, 1]
