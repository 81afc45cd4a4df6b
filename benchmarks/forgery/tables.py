"""Tables: what was measured, for a terminal and for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from rich.console import Console
from rich.table import Table

from benchmarks.forgery.clustered import Estimate
from benchmarks.forgery.curve import Point
from benchmarks.forgery.false_flags import AtRate
from benchmarks.forgery.faults import Fault
from benchmarks.forgery.figures import Figures, figures_of
from benchmarks.forgery.measured import Measured
from benchmarks.forgery.row import OURS


@dataclass(frozen=True, eq=False)
class Tabled:
    """A table for the terminal and for the page."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def print(self, console: Console) -> None:
        """To a terminal."""
        table = Table(*self.head, title=self.title, caption=self.note or None)
        for row in self.rows:
            table.add_row(*row)
        console.print(table)


def tables_of(
    measured: Measured,
    figures: Mapping[str, Figures],
    slices: Mapping[str, Mapping[str, Figures]],
    cells: Mapping[str, Mapping[str, Mapping[str, Figures]]],
    bar: Mapping[str, Figures],
) -> list[Tabled]:
    """All tables of a run, the rows first."""
    tables = [
        _rows_table(measured, figures),
        _bar_table(bar),
        _cells_table(cells[OURS]),
        _kinds_table(measured),
        _slices_table(slices),
        _rates_table("false flags against alpha", measured.rates),
        *(_rates_table(f"the same, {name}", rates) for name, rates in measured.rates_by_slice.items()),
        _faults_table(measured.faults),
    ]
    return [*tables, _curve_table(measured.curve)] if measured.curve else tables


def _rows_table(measured: Measured, figures: Mapping[str, Figures]) -> Tabled:
    rows = [
        (row.method, *_estimates(figures[row.method]), f"{row.seconds:.3f}" if row.seconds else "-")
        for row in measured.rows
    ]
    rows += [(name, "absent", "", "", "") for name in measured.absent]
    first = figures[OURS]
    note = f"{first.forged} forged, {first.genuine} genuine listings of {len(set(measured.labelled.brands))} brands. "
    note += " ".join(f"{name}: {why}." for name, why in measured.absent.items())
    return Tabled(
        "forged against genuine, 95% intervals over brands", _head("method", "s a listing"), tuple(rows), note
    )


def _head(first: str, last: str) -> tuple[str, ...]:
    return first, "AUROC", "TPR at 1% FPR", "TPR at 5% FPR", last


def _estimates(figures: Figures) -> list[str]:
    return [str(getattr(figures, field.name)) for field in fields(Figures) if field.type in ("Estimate", Estimate)]


def _cells_table(cells: Mapping[str, Mapping[str, Figures]]) -> Tabled:
    severities = sorted({severity for row in cells.values() for severity in row})
    rows = [
        (kind, *(f"{row[s].auroc} / {row[s].tpr_at_5_percent_fpr} ({row[s].forged})" for s in severities))
        for kind, row in cells.items()
    ]
    head = ("alteration", *(f"severity {severity}" for severity in severities))
    return Tabled("ours: AUROC / TPR at 5% FPR (forged listings), against all genuine", head, tuple(rows))


def _bar_table(bar: Mapping[str, Figures]) -> Tabled:
    rows = tuple((name, *_estimates(figures), str(figures.forged)) for name, figures in bar.items())
    return Tabled("ours: what a bar is set for, and what the camera explains", _head("part", "forged"), rows)


def _kinds_table(measured: Measured) -> Tabled:
    """AUROC of every row by alteration, across."""
    kinds = measured.labelled.values("alteration")
    masks = {kind: measured.labelled.where("alteration", kind) for kind in kinds}
    rows = tuple(
        (row.method, *(str(figures_of(row, measured.labelled, masks[k], intervals=False).auroc) for k in kinds))
        for row in measured.rows
    )
    return Tabled("AUROC by alteration, every row", ("method", *kinds), rows)


def _slices_table(slices: Mapping[str, Mapping[str, Figures]]) -> Tabled:
    rows = tuple(
        (f"{column}: {value}", *_estimates(figures), f"{figures.forged} / {figures.genuine}")
        for column, values in slices.items()
        for value, figures in values.items()
    )
    return Tabled("ours by slice", _head("slice", "forged / genuine"), rows)


def _rates_table(title: str, rates: Sequence[AtRate]) -> Tabled:
    head = ("alpha", "genuine flagged", "flags", "95% of the promise", "holds", "undecided", "forged flagged")
    rows = tuple(
        (
            f"{one.alpha:g}",
            str(one.false_flags),
            f"{one.flagged_genuine} of {one.genuine}",
            "-" if one.promised is None else f"{one.promised[0]} to {one.promised[1]} flags",
            {True: "yes", False: "no", None: "-"}[one.holds],
            str(one.undecided),
            str(one.flagged_forged),
        )
        for one in rates
    )
    return Tabled(title, head, rows)


def _faults_table(found: Sequence[Fault]) -> Tabled:
    head = (
        "alteration",
        "reason",
        "flagged: named",
        "first",
        "peak inside",
        "aligned: named",
        "first",
        "peak",
        "by chance",
    )
    rows = tuple(
        (
            one.kind,
            one.reason,
            f"{_share(one.flagged.named)} of {one.flagged.listings}",
            _share(one.flagged.named_first),
            _share(one.flagged.inside),
            f"{_share(one.aligned.named)} of {one.aligned.listings}",
            _share(one.aligned.named_first),
            _share(one.aligned.inside),
            "-" if one.aligned.by_chance is None else f"{one.aligned.by_chance:.3f}",
        )
        for one in found
    )
    return Tabled("is the planted fault named, and does the map's peak lie inside it", head, rows)


def _share(estimate: Estimate) -> str:
    return "-" if estimate.value is None else f"{estimate.value:.3f}"


def _curve_table(points: Sequence[Point]) -> Tabled:
    head = ("references", "AUROC", "TPR at 1% FPR", "TPR at 5% FPR", "genuine flagged", "forged flagged", "undecided")
    rows = tuple(
        (
            str(point.references),
            *_estimates(point.figures),
            str(point.false_flags),
            str(point.flagged_forged),
            str(point.undecided),
        )
        for point in points
    )
    return Tabled("ours by references a brand, flags at the run's alpha", head, rows)
