"""A run ends when what counts no longer gains, and not before."""

import pytest

from training.config.schedule import StopConfig
from training.loop.patience import best_row, is_over


def measured(*values: float) -> list[dict[str, float]]:
    return [{"step": step, "recall_at_1": value} for step, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "best", "over"),
    [
        ([], 0, False),
        ([0.1, 0.2, 0.3], 2, False),
        ([0.3, 0.2], 0, False),
        ([0.3, 0.2, 0.1], 0, True),
        ([0.3, 0.3, 0.3], 0, True),
        ([0.3, 0.2, 0.31, 0.2], 2, False),
    ],
)
def test_two_validations_without_a_gain_end_a_run(values: list[float], best: int, over: bool) -> None:
    stop = StopConfig(patience_validations=2)
    assert best_row(measured(*values), stop) == best
    assert is_over(measured(*values), stop) == over


def test_a_small_gain_may_count_as_none() -> None:
    rows = measured(0.30, 0.305, 0.309)
    assert is_over(rows, StopConfig(patience_validations=2, least_gain=0.01))
    assert not is_over(rows, StopConfig(patience_validations=2))


def test_without_a_rule_a_run_goes_to_its_end() -> None:
    assert not is_over(measured(0.3, 0.2, 0.1), None)
