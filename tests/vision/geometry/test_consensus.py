"""Correspondences that tell of one view, among many that tell of none."""

import numpy as np
from numpy.typing import NDArray

from vision.geometry import consensus

Points = NDArray[np.float32]
Arrays = tuple[Points, ...]
TRUE = 7


def planted(seed: int, others: int) -> Arrays:
    """Seven correspondences of one similarity, with a keypoint's errors, before others of none."""
    drawn = np.random.default_rng(seed)
    query, axes = drawn.uniform(0, 600, (TRUE + others, 2)), drawn.uniform(-20, 20, (TRUE + others, 2))
    target, target_axes = drawn.uniform(0, 224, query.shape), drawn.uniform(-20, 20, query.shape)
    turn = 0.4 * np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    near = drawn.uniform(250, 400, (TRUE, 2))
    query[:TRUE], target[:TRUE] = near, (near - 325) @ turn.T + 112 + drawn.normal(0, 1, near.shape)
    target_axes[:TRUE] = (axes[:TRUE] @ turn.T) * drawn.uniform(0.9, 1.1, (TRUE, 1))
    return tuple(np.asarray(a, np.float32) for a in (query, target, axes, target_axes))


def groups(
    query: Points, target: Points, axes: Points, target_axes: Points, least: int, most: int
) -> list[NDArray[np.intp]]:
    return list(consensus.groups(consensus.agreement(query, target, axes, target_axes), least, most))


def test_seven_true_ones_are_found_among_eighty() -> None:
    for seed in range(8):
        query, target, axes, target_axes = planted(seed, 80)
        found = groups(query, target, axes, target_axes, least=6, most=3)[0]
        assert set(range(TRUE)) <= set(found.tolist())
        assert len(found) <= TRUE + 2


def test_a_similarity_of_places_alone_is_none() -> None:
    """Where keypoints turn every way, that their places agree is chance."""
    query, target, axes, target_axes = planted(0, 0)
    turned = np.random.default_rng(1).uniform(-20, 20, axes.shape).astype(np.float32)
    assert not groups(query, target, axes, turned, least=6, most=3)
    assert groups(query, target, axes, target_axes, least=6, most=3)


def test_groups_are_few_and_the_best_supported_first() -> None:
    query, target, axes, target_axes = planted(2, 60)
    sizes = [len(group) for group in groups(query, target, axes, target_axes, least=2, most=3)]
    assert len(sizes) <= 3
    assert sizes == sorted(sizes, reverse=True)


def test_nothing_agrees_with_nothing() -> None:
    none = np.zeros((0, 2), np.float32)
    assert not groups(none, none, none, none, least=1, most=3)
