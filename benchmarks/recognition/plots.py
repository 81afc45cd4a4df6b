"""Plot: recall at 1 and open-set AUROC of every row, as bars."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.forgery.clustered import Estimate
from benchmarks.recognition.bars import OF_EMBLEMS
from benchmarks.recognition.measured import Row

_SHOWN = ("mild_recall_at_1", "hard_recall_at_1", "open_set_auroc")
_WORDS = ("recall at 1, mild", "recall at 1, hard", "open-set AUROC", "recall at 1, wild_logos")


def draw(rows: Sequence[Row], file: Path) -> None:
    """A group of bars a row, each with its interval; a dashed line is the bar of its colour."""
    figure = Figure(figsize=(11, 1 + 0.62 * len(rows)), layout="constrained")
    axes, places = figure.subplots(), np.arange(len(rows))[::-1]
    for turn, words in enumerate(_WORDS):
        shown = [_shown(row)[turn] for row in rows]
        values = np.array([np.nan if one.value is None else one.value for one in shown])
        axes.barh(places - 0.2 * turn, values, 0.19, label=words, color=f"C{turn}", xerr=_errors(shown), ecolor="0.4")
    for turn, name in enumerate(_SHOWN):
        axes.axvline(OF_EMBLEMS[name], color=f"C{turn}", ls="--", lw=0.9)
    axes.set_yticks(places - 0.3, [row.name for row in rows], fontsize=8)
    axes.set_xlim(0, 1)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, ncols=4, loc="outside upper center")
    figure.savefig(file, dpi=100)


def _shown(row: Row) -> list[Estimate]:
    here = [row.emblems.figures[name] if row.emblems else Estimate(None) for name in _SHOWN]
    return [*here, row.wild.figures["recall_at_1"] if row.wild else Estimate(None)]


def _errors(shown: Sequence[Estimate]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Lengths of the intervals below and above each value: [2, R]."""
    return np.array([_around(one) for one in shown], np.float64).T


def _around(one: Estimate) -> tuple[float, float]:
    if one.value is None or one.low is None or one.high is None:
        return 0.0, 0.0
    return max(0.0, one.value - one.low), max(0.0, one.high - one.value)
