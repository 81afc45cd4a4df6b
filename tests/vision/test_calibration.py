"""Conformal p-values, ranks, bounds and batches: against crepes, scipy, and the laws they must keep."""

import json
from pathlib import Path

import numpy as np
import pytest
from crepes import ConformalClassifier
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from vision.calibration import (
    Calibration,
    GenuineScores,
    allowed_rank,
    benjamini_hochberg,
    binomial_cdf,
    fewest,
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


@given(scores, st.lists(st.floats(-60, 60), min_size=1, max_size=20))
def test_p_value_is_that_of_a_maintained_library(genuine: list[float], photos: list[float]) -> None:
    oracle = ConformalClassifier().fit(np.array(genuine))
    expected = oracle.predict_p(np.array(photos)[:, None], smoothing=False)[:, 0]
    assert [p_value(score, np.sort(genuine)) for score in photos] == pytest.approx(expected)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=40), st.floats(0, 1))
def test_p_values_are_super_uniform_under_exchangeability(drawn: list[int], alpha: float) -> None:
    """Whichever of the scores is the photo's, all being equally likely: P(p <= alpha) <= alpha, ties and all."""
    every = np.array(drawn, np.float64)
    p_values = [p_value(every[i], np.sort(np.delete(every, i))) for i in range(len(every))]
    assert np.mean([p <= alpha for p in p_values]) <= alpha + 1e-12


@pytest.mark.parametrize(("n", "alpha"), [(59, 0.05), (299, 0.01), (473, 0.01)])
def test_flags_among_genuine_photos_follow_the_beta_binomial(n: int, alpha: float) -> None:
    """Of m fresh photos, those above the k-th largest of n number BetaBinomial(m, k, n + 1 - k)."""
    rng, m, draws = np.random.default_rng(n), 300, 4000
    k = allowed_rank(n, alpha)
    thresholds = np.partition(rng.random((draws, n)), n - k, axis=1)[:, n - k]
    flagged = rng.binomial(m, 1 - thresholds)
    law = stats.betabinom(m, k, n + 1 - k)
    seen = np.array([np.mean(flagged <= count) for count in range(m + 1)])
    assert np.abs(seen - law.cdf(np.arange(m + 1))).max() < 1.95 / np.sqrt(draws)  # Kolmogorov's, at 0.1%
    assert np.mean(1 - thresholds > alpha) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.01, 0.001])
def test_fewest_is_where_the_first_rank_is_allowed(alpha: float) -> None:
    assert allowed_rank(fewest(alpha), alpha) == 1
    assert allowed_rank(fewest(alpha) - 1, alpha) == 0


@given(st.lists(st.floats(0.0005, 1), max_size=50), st.floats(0.001, 0.5))
def test_a_batch_is_decided_as_scipy_does(p_values: list[float], rate: float) -> None:
    adjusted = stats.false_discovery_control(p_values, method="bh") if p_values else np.zeros(0)
    assume(np.all(np.abs(adjusted - rate) > 1e-12))
    assert benjamini_hochberg(np.array(p_values), rate).tolist() == (adjusted <= rate).tolist()


def test_of_a_batchs_flags_the_stated_share_at_most_is_false() -> None:
    """All p-values share one calibration set, so they depend on one another; 60 genuine, 20 forged a batch."""
    rng, rate, shares = np.random.default_rng(0), 0.2, []
    for _ in range(600):
        genuine = np.sort(rng.normal(size=500))
        photos = np.concatenate([rng.normal(size=60), rng.normal(3.0, 1.0, 20)])
        flagged = benjamini_hochberg(np.array([p_value(score, genuine) for score in photos]), rate)
        shares.append(flagged[:60].sum() / max(flagged.sum(), 1))
    assert np.mean(shares) <= rate * 60 / 80 + 3 * np.std(shares) / np.sqrt(600)
    assert np.mean(shares) > 0.05  # and it is no idle bound


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


def test_simulated_scores_flag_where_there_are_enough_references_and_state_no_rate() -> None:
    calibration = Calibration({1: GenuineScores.of("pooled", np.zeros(299))}).with_own(
        {"a": [GenuineScores.of("simulated", np.zeros(59))], "b": [GenuineScores.of("simulated", np.zeros(8))]}
    )
    judgement = calibration.judge(1.0, "a", 70, 0.05)
    assert (judgement.flagged, judgement.rate.source, judgement.rate.n) == (True, "simulated", 59)
    assert judgement.rate.bound is None
    assert judgement.rate.p_value == pytest.approx(1 / 60)
    assert calibration.judge(1.0, "b", 8, 0.05).rate.source == "pooled"
    assert calibration.judge(1.0, "a", 70, 0.01).rate.source == "pooled"


def test_listings_go_before_simulated_and_too_few_of_both_only_rank() -> None:
    listings, simulated = GenuineScores.of("listings", np.zeros(60)), GenuineScores.of("simulated", np.zeros(60))
    both = Calibration({}).with_own({"a": [simulated, listings]})
    assert both.scores_for("a", 60, 0.05).source == "listings"
    assert both.judge(1.0, "a", 60, 0.01).flagged is None
    assert both.judge(1.0, "a", 60, 0.01).rate.p_value == pytest.approx(1 / 61)
    assert both.scores_for("b", 60, 0.05).source == "none"


@given(st.integers(0, 400), st.integers(0, 400), st.floats(-5, 5), st.floats(-5, 5))
def test_the_source_is_settled_before_any_score_is_seen(own: int, pooled: int, one: float, other: float) -> None:
    calibration = Calibration(
        {1: GenuineScores.of("pooled", np.linspace(-1, 1, pooled))},
        {"a": GenuineScores.of("listings", np.linspace(-2, 2, own))},
    )
    assert calibration.judge(one, "a", 1, 0.05).rate.source == calibration.judge(other, "a", 1, 0.05).rate.source


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
