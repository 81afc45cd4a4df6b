"""Conformal p-values, ranks and bounds, against scipy's binomial and the laws they must keep."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from vision.calibration import (
    Calibration,
    GenuineScores,
    allowed_rank,
    binomial_cdf,
    judge,
    p_value,
    rate_bound,
)
from vision.errors import BundleInvalid

scores = st.lists(st.floats(-50, 50), min_size=1, max_size=60)


@given(scores, st.floats(-60, 60), st.floats(-60, 60))
def test_p_value_is_bounded_and_falls_as_the_score_grows(genuine: list[float], one: float, other: float) -> None:
    ordered = np.sort(genuine)
    low, high = sorted([one, other])
    assert 1 / (len(genuine) + 1) <= p_value(high, ordered) <= p_value(low, ordered) <= 1


@given(scores, st.floats(-60, 60))
def test_p_value_is_its_definition(genuine: list[float], score: float) -> None:
    expected = (1 + sum(g >= score for g in genuine)) / (len(genuine) + 1)
    assert p_value(score, np.sort(genuine)) == expected


@pytest.mark.parametrize(
    ("n", "alpha", "k"),
    [(58, 0.05, 0), (59, 0.05, 1), (298, 0.01, 0), (299, 0.01, 1), (473, 0.01, 2), (628, 0.01, 3), (2995, 0.001, 1)],
)
def test_rank_takes_as_many_genuine_scores_as_the_rate_needs(n: int, alpha: float, k: int) -> None:
    assert allowed_rank(n, alpha) == k


@given(st.integers(1, 400), st.sampled_from([0.01, 0.05, 0.2]))
def test_rank_holds_the_rate_with_the_stated_confidence(n: int, alpha: float) -> None:
    k = allowed_rank(n, alpha)
    if k:
        assert stats.beta(k, n + 1 - k).sf(alpha) <= 0.05 + 1e-9
        assert rate_bound(k, n) <= alpha + 1e-9
    assert stats.beta(k + 1, n - k).sf(alpha) > 0.05 - 1e-9


@given(st.integers(0, 30), st.integers(1, 500), st.floats(0.001, 0.999))
def test_binomial_is_scipys(k: int, n: int, rate: float) -> None:
    assert binomial_cdf(k, n, rate) == pytest.approx(stats.binom(n, rate).cdf(k), abs=1e-9)


def test_flagged_share_of_genuine_keeps_alpha() -> None:
    rng = np.random.default_rng(0)
    over = 0
    for _ in range(200):
        genuine = GenuineScores.of("pooled", rng.normal(size=299))
        flagged = np.mean([judge(score, genuine, 0.01).flagged for score in rng.normal(size=400)])
        over += flagged > 0.01 + 3 * np.sqrt(0.01 * 0.99 / 400)
    assert over / 200 <= 0.05


def test_too_few_scores_decide_nothing_whatever_the_score() -> None:
    judgement = judge(1e9, GenuineScores.of("pooled", np.zeros(58)), 0.05)
    assert judgement.flagged is None
    assert judgement.rate.bound is None
    assert judgement.rate.p_value == pytest.approx(1 / 59)


def test_own_scores_are_chosen_by_their_number_alone() -> None:
    pooled = GenuineScores.of("pooled", np.zeros(299))
    calibration = Calibration(
        {1: pooled},
        {"a": GenuineScores.of("listings", np.zeros(299)), "b": GenuineScores.of("listings", np.zeros(298))},
    )
    assert calibration.scores_for("a", 4, 0.01).source == "listings"
    assert calibration.scores_for("b", 4, 0.01).source == "pooled"


def test_pooled_scores_are_of_as_many_references_or_fewer() -> None:
    calibration = Calibration({n: GenuineScores.of("pooled", np.full(300, float(n))) for n in (2, 4, 8)})
    assert calibration.scores_for("a", 7, 0.01).values[0] == 4
    assert calibration.scores_for("a", 1, 0.01).source == "none"
    assert calibration.judge(0.0, "a", 1, 0.01).flagged is None


def test_too_few_pooled_scores_give_way_to_those_of_fewer_references() -> None:
    thin, full = GenuineScores.of("pooled", np.full(200, 8.0)), GenuineScores.of("pooled", np.full(300, 4.0))
    calibration = Calibration({8: thin, 4: full})
    assert calibration.scores_for("a", 8, 0.01).values[0] == 4
    assert calibration.scores_for("a", 8, 0.05).values[0] == 8
    assert Calibration({8: thin}).scores_for("a", 8, 0.01).values[0] == 8


def test_calibration_of_another_scorer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps({"scorer": "old", "pooled": {"8": [0.0]}}))
    with pytest.raises(BundleInvalid, match=r"old.*new"):
        Calibration.load(path, "new")
