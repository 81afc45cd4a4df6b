"""Plots: precision against recall, recall against regions, recall against size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.localise.measured import LARGE_PX, REGIONS, SIZES_PX, Measured, by_side
from training.localisation import curve

_REGIONS = (1, 2, 3, 6, 10, 20, 50, 100)


def draw(measured: Sequence[Measured], file: Path) -> None:
    """One row a set: three plots."""
    names = list(dict.fromkeys(one.photo_set.name for one in measured))
    figure = Figure(figsize=(14, 4 * len(names)), layout="constrained")
    for row, name in zip(figure.subplots(len(names), 3, squeeze=False), names, strict=True):
        part = [one for one in measured if one.photo_set.name == name]
        _precision(row[0], part)
        _regions(row[1], part)
        _sizes(row[2], part)
        row[0].set_title(name)
    figure.savefig(file, dpi=100)


def _precision(axes: Axes, measured: Sequence[Measured]) -> None:
    for one in measured:
        recall, precision = curve([looked.matched((float(LARGE_PX), np.inf)) for looked in one.looked])
        axes.plot(recall, precision, label=one.proposer)
    axes.set(xlabel=f"recall, marks of {LARGE_PX} px and more", ylabel="precision", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize=8)


def _regions(axes: Axes, measured: Sequence[Measured]) -> None:
    for one in measured:
        counted = [one.recall(by_side(LARGE_PX, np.inf), regions) for regions in _REGIONS]
        axes.plot(_REGIONS, [hits / max(1, marks) for hits, marks in counted], marker=".", label=one.proposer)
    axes.axvline(REGIONS, color="0.8", linewidth=1)
    axes.set(xlabel="regions", xscale="log", ylabel=f"recall, marks of {LARGE_PX} px and more", ylim=(0, 1))


def _sizes(axes: Axes, measured: Sequence[Measured]) -> None:
    places = np.arange(len(SIZES_PX))
    for index, one in enumerate(measured):
        counted = [one.recall(by_side(*span)) for span in SIZES_PX]
        width = 0.8 / len(measured)
        axes.bar(places + index * width, [hits / max(1, marks) for hits, marks in counted], width, label=one.proposer)
    axes.set_xticks(places + 0.4, [f"{low:.0f}+" for low, _ in SIZES_PX])
    axes.set(xlabel="longer side of the mark, px", ylabel=f"recall with {REGIONS} regions", ylim=(0, 1))
