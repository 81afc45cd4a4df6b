"""Tables: precision and recall by proposer, and by what makes a mark hard to find."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy import stats

from benchmarks.localise.measured import LARGE_PX, REGIONS, SIZES_PX, Looked, Measured, by_mark, by_photo, by_side

Keep = Callable[[Looked], NDArray[np.bool_]]
LARGE = (float(LARGE_PX), np.inf)
_PHOTO_SLICES, _MARK_SLICES = ("clutter", "count", "composition", "condition"), ("pose", "share")


def summary(measured: Sequence[Measured]) -> Table:
    """A row a proposer and set."""
    head = ("set", "proposer", "AP", f"AP of {LARGE_PX} px and more", f"recall with {REGIONS} regions")
    table = Table(*head, f"the same of {LARGE_PX} px and more", "ms a photo")
    for one in measured:
        table.add_row(
            one.photo_set.name,
            one.proposer,
            _precision(one),
            _precision(one, LARGE),
            share(*one.recall(_every)),
            share(*one.recall(by_side(*LARGE))),
            f"{1000 * one.seconds:.1f}",
        )
    return table


def sliced(measured: Sequence[Measured]) -> Table:
    """Recall of one set by slice, a column a proposer."""
    table = Table(f"recall with {REGIONS} regions: {measured[0].photo_set.name}", "marks")
    for one in measured:
        table.add_column(one.proposer, justify="right")
    for name, keep in slices(measured[0]):
        counted = [one.recall(keep) for one in measured]
        if counted[0][1]:
            table.add_row(name, str(counted[0][1]), *(f"{hits / marks:.3f}" for hits, marks in counted))
    return table


def slices(measured: Measured) -> Iterator[tuple[str, Keep]]:
    """Every slice of a set by its name."""
    for low, high in SIZES_PX:
        yield f"side {low:.0f} to {high:.0f} px", by_side(low, high)
    photos = [one.photo for one in measured.looked]
    for column in _PHOTO_SLICES:
        for value in sorted({photo.slices.get(column, "") for photo in photos} - {""}):
            yield f"{column} {value}", by_photo(column, value)
    for column in _MARK_SLICES:
        for value in sorted({value for photo in photos for value in photo.mark_slices.get(column, ())}):
            yield f"{column} {value}", by_mark(column, value)


def share(hits: int, marks: int) -> str:
    """A share with its 95% interval (Wilson); it takes marks for independent, which marks of one photo are not."""
    if not marks:
        return "-"
    interval = stats.binomtest(hits, marks).proportion_ci(0.95, "wilson")
    return f"{hits / marks:.3f} ({interval.low:.3f} to {interval.high:.3f}) of {marks}"


def write_csv(measured: Sequence[Measured], file: Path) -> None:
    """A row a set, proposer and slice."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(("set", "proposer", "slice", "marks", "found", f"recall_at_{REGIONS}", "average_precision"))
        for one in measured:
            for name, keep, precision in _lines(one):
                hits, marks = one.recall(keep)
                row = (one.photo_set.name, one.proposer, name, marks, hits)
                table.writerow((*row, f"{hits / marks:.4f}" if marks else "", _number(precision)))


def _lines(one: Measured) -> Iterator[tuple[str, Keep, float | None]]:
    yield "all", _every, one.precision()
    yield f"side {LARGE_PX} px and more", by_side(*LARGE), one.precision(LARGE)
    for low, high in SIZES_PX:
        yield f"side {low:.0f} to {high:.0f} px", by_side(low, high), one.precision((low, high))
    yield from ((name, keep, None) for name, keep in slices(one) if not name.startswith("side"))


def _every(one: Looked) -> NDArray[np.bool_]:
    return np.ones(len(one.photo.truth.counts), bool)


def _precision(one: Measured, sides_px: tuple[float, float] = (0.0, np.inf)) -> str:
    value = one.precision(sides_px)
    if value is None:
        return "-"
    low, high = one.precision_interval(sides_px)
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
