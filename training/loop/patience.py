"""Patience: when a run is ended before its last step."""

from collections.abc import Mapping, Sequence

from training.config.schedule import StopConfig


def best_row(rows: Sequence[Mapping[str, float]], stop: StopConfig) -> int:
    """The first validation that no later one beats by what counts as a gain."""
    best = 0
    for row, measured in enumerate(rows):
        if measured[stop.metric] > rows[best][stop.metric] + stop.least_gain:
            best = row
    return best


def is_over(rows: Sequence[Mapping[str, float]], stop: StopConfig | None) -> bool:
    """Whether as many validations as patience allows have passed since the best."""
    return stop is not None and len(rows) - 1 - best_row(rows, stop) >= stop.patience_validations
