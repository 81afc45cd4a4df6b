"""Votes: a few correspondences that agree say where a mark would lie; scattered ones say nothing."""

import numpy as np
import pytest

from tests.vision.scenes import template_of
from vision.finding.placing import Attempt
from vision.finding.votes import ALL_VOTERS, LEAST_VOTERS, Vote, cast
from vision.geometry.alignment import Matches

ACME = 9_000_001
WIDTH, HEIGHT = 640, 480
SIDE = len(template_of(ACME).mark)


def correspondences(
    agreeing: int, scattered: int, scale: float = 0.25, corner: tuple[int, int] = (300, 100)
) -> Matches:
    """Correspondences of a mark whose frame lies at a corner in the photo, and others anywhere."""
    rng = np.random.default_rng(7)
    count = agreeing + scattered
    target = rng.uniform(30, SIDE - 30, (count, 2)).astype(np.float32)
    query = (scale * target + np.array(corner)).astype(np.float32)
    query[agreeing:] = rng.uniform(0, [WIDTH, HEIGHT], (scattered, 2))
    axes = (rng.normal(size=(count, 2)) * 8).astype(np.float32)
    query_axes = (scale * axes).astype(np.float32)
    query_axes[agreeing:] = rng.normal(size=(scattered, 2)) * 3
    return Matches(query, target, query_axes, axes)


def votes_of(matches: Matches) -> list[Vote]:
    return cast([Attempt("acme", template_of(ACME), matches)], WIDTH, HEIGHT)


def test_a_handful_that_agrees_points_at_the_mark() -> None:
    (vote,) = votes_of(correspondences(6, 40))
    ys, xs = np.nonzero(template_of(ACME).mark > 0.5)
    there = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
    expected = (0.25 * np.array(there) + [300, 100, 300, 100]) / [WIDTH, HEIGHT, WIDTH, HEIGHT]
    assert vote.brand == "acme"
    assert vote.region.source == "gallery"
    assert vote.region.box == pytest.approx(expected.tolist(), abs=0.01)
    assert LEAST_VOTERS / ALL_VOTERS <= vote.region.score <= 1


def test_fewer_than_the_least_say_nothing() -> None:
    assert votes_of(correspondences(LEAST_VOTERS - 1, 0)) == []
    assert votes_of(correspondences(0, 0)) == []


def test_a_keypoint_matched_in_every_reference_is_one_voter() -> None:
    one = correspondences(1, 0)
    repeated = Matches(
        *(np.repeat(each, 6, axis=0) for each in (one.query, one.target, one.query_axes, one.target_axes))
    )
    assert votes_of(repeated) == []


def test_more_voters_come_first() -> None:
    made = [Attempt(str(n), template_of(ACME), correspondences(n, 20)) for n in (5, 12, 8)]
    assert [vote.brand for vote in cast(made, WIDTH, HEIGHT)] == ["12", "8", "5"]


def test_boxes_stay_in_the_photo_and_what_lies_mostly_outside_is_no_vote() -> None:
    (vote,) = votes_of(correspondences(8, 0, corner=(WIDTH - 45, 100)))
    assert all(0 <= edge <= 1 for edge in vote.region.box)
    assert votes_of(correspondences(8, 0, corner=(WIDTH - 15, 100))) == []
    assert votes_of(correspondences(8, 0, scale=0.02)) == []  # a speck
