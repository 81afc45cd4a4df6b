"""Tables: every row on each set, and ours against the bars."""

from collections.abc import Mapping, Sequence

from benchmarks.forgery.tables import Tabled
from benchmarks.recognition.bars import held
from benchmarks.recognition.measured import Row, Slice

_EMBLEMS: Mapping[str, str] = {
    "mild_recall_at_1": "mild R@1",
    "hard_recall_at_1": "hard R@1",
    "mild_recall_at_5": "mild R@5",
    "hard_recall_at_5": "hard R@5",
    "mean_average_precision": "mAP",
    "open_set_auroc": "open-set AUROC",
    "mild_open_set_auroc": "mild",
    "hard_open_set_auroc": "hard",
    "mild_forged_recall_at_1": "forged, mild R@1",
    "hard_forged_recall_at_1": "hard R@1",
}
_WITH_INTERVAL = ("mild_recall_at_1", "hard_recall_at_1", "open_set_auroc", "recall_at_1")
_WILD: Mapping[str, str] = {"recall_at_1": "R@1", "recall_at_5": "R@5", "mean_average_precision": "mAP"}


def tables_of(rows: Sequence[Row], ours: int, absent: Mapping[str, str]) -> list[Tabled]:
    """All tables; the first `ours` rows are held against the bars."""
    note = " ".join(f"{name}: {why}." for name, why in absent.items())
    here, there = [one for one in rows if one.emblems], [one for one in rows if one.wild]
    tables = [_table("emblems, the mark's region given", _EMBLEMS, [(r, r.emblems) for r in here if r.emblems], note)]
    if there:
        title = "wild_logos, ground-truth crops, each among those of other photographs"
        tables.append(_table(title, _WILD, [(r, r.wild) for r in there if r.wild], ""))
    return [*tables, _bars(rows, ours)]


def _table(title: str, columns: Mapping[str, str], slices: Sequence[tuple[Row, Slice]], note: str) -> Tabled:
    rows = tuple(
        (row.name, *(_cell(one, name) for name in columns), f"{row.images_per_second:.0f}") for row, one in slices
    )
    return Tabled(title, ("embedder", *columns.values(), "images/s"), rows, f"{_counts(slices)} {note}".strip())


def _cell(one: Slice, name: str) -> str:
    estimate = one.figures[name]
    if name in _WITH_INTERVAL or estimate.value is None:
        return str(estimate)
    return f"{estimate.value:.3f}"


def _counts(slices: Sequence[tuple[Row, Slice]]) -> str:
    if not slices:
        return ""
    queries = slices[0][1].queries
    roles = [one.role for one in queries]
    told = ", ".join(f"{roles.count(role)} {role}" for role in dict.fromkeys(roles))
    return f"{len(slices[0][1].references)} references; queries: {told}; 95% intervals over brands."


def _bars(rows: Sequence[Row], ours: int) -> Tabled:
    lines = tuple(
        (row.name, one.figure, f"{one.bar:.3f}", f"{one.value:.3f}", "met" if one.met else "not met")
        for row in rows[:ours]
        for one in held(row, rows)
    )
    return Tabled("bars", ("embedder", "figure", "bar", "value", ""), lines)
