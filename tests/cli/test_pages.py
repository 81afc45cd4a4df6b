"""The pages' charts and figures."""

import numpy as np
import pytest

from cli.pages import chart, look
from cli.pages.evaluation import scores
from training import metrics


def test_the_curve_goes_from_corner_to_corner_and_never_back() -> None:
    false, true = metrics.roc(np.array([2.0, 3.0, 1.0]), np.array([0.0, 1.0, -1.0])).T
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert (np.diff(false) >= 0).all()
    assert (np.diff(true) >= 0).all()


def test_the_area_under_the_curve_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(0)
    altered, genuine = rng.normal(1, 1, 80).round(1), rng.normal(0, 1, 90).round(1)
    false, true = metrics.roc(altered, genuine).T
    pairs = np.sign(altered[:, None] - genuine[None])
    assert np.trapezoid(true, false) == pytest.approx((pairs + 1).mean() / 2)


@pytest.mark.parametrize("draw", [chart.roc, chart.histogram])
def test_no_chart_without_both_kinds(draw: object) -> None:
    assert callable(draw)
    assert draw([], [1.0]) == draw([1.0], []) == ""
    assert draw([1.0, 2.0], [0.0]).startswith("<svg")


def test_a_chart_of_equal_scores_is_still_drawn() -> None:
    assert chart.histogram([1.0, 1.0], [1.0]).startswith("<svg")


def test_only_scores_that_are_there_are_taken() -> None:
    rows = [
        {"label": "genuine", "score": "1.5"},
        {"label": "genuine", "score": ""},
        {"label": "unrelated", "score": "2"},
    ]
    assert scores(rows, "genuine") == [1.5]


@pytest.mark.parametrize(("share", "words"), [(0.125, "12.5%"), (None, "–"), (0, "0.0%")])
def test_percent(share: float | None, words: str) -> None:
    assert look.percent(share) == words


def test_figure() -> None:
    assert look.figure(0.12345) == "0.123"
    assert look.figure(None) == "–"
