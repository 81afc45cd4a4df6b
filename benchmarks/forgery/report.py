"""Report: all that was measured, as JSON, as tables for a terminal and as a page."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from rich.console import Console

from benchmarks.forgery import plots, sheet
from benchmarks.forgery.barred import by_bar
from benchmarks.forgery.figures import Figures, by_kind_and_severity, by_slice, figures_of
from benchmarks.forgery.measured import Measured
from benchmarks.forgery.tables import tables_of

PAGE = Path(__file__).with_name("page.html.j2")


def write(measured: Measured, seconds: float, out: Path, console: Console) -> None:
    """Writes report.json, scores.csv, index.html and pictures into `out`, prints tables. `seconds` is what it took."""
    figures = {row.method: figures_of(row, measured.labelled) for row in measured.rows}
    slices = by_slice(measured.rows[0], measured.labelled)
    cells = {row.method: by_kind_and_severity(row, measured.labelled) for row in measured.rows}
    bar = by_bar(measured.rows[0], measured.labelled)
    tables = tables_of(measured, figures, slices, cells, bar)
    for table in tables:
        table.print(console)
    pictures = _draw(measured, out)
    about = {**measured.about, "seconds": seconds}
    content = about | {"bar": bar} | _content(measured, figures, slices, cells)
    _write_scores(measured, out / "scores.csv")
    (out / "report.json").write_text(json.dumps(content, indent=1, default=_plain) + "\n", encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(PAGE.read_text(encoding="utf-8"))
    html = page.render(tables=tables, pictures=pictures, about=about)
    (out / "index.html").write_text(html, encoding="utf-8")


def _draw(measured: Measured, out: Path) -> list[tuple[str, str]]:
    """The pictures: file and caption."""
    plots.draw_roc(measured.rows, measured.labelled, out / "roc.png")
    plots.draw_bars(measured.rows, measured.labelled, out / "alterations.png")
    plots.draw_reliability(measured.readings, out / "p_values.png")
    plots.draw_false_flags(measured.rates, out / "false_flags.png")
    drawn = [
        ("roc.png", "every row; the rate of false positives on a log axis"),
        ("alterations.png", "AUROC by alteration, beside the best baseline on each"),
        ("p_values.png", "p-values of genuine listings; above the diagonal flags come oftener than promised"),
        ("false_flags.png", "flags against alpha, 95% intervals that know of brands"),
    ]
    if len(measured.curve) > 1:
        plots.draw_curve(measured.curve, out / "references.png")
        drawn.append(("references.png", "ours with fewer references a brand"))
    for label, words in (("genuine", "genuine, highest scores"), ("counterfeit", "altered, lowest scores")):
        sheet.draw_sheet(sheet.worst(measured.readings, label), out / f"worst_{label}.jpg")
        drawn.append((f"worst_{label}.jpg", f"worst cases: {words}"))
    return drawn


def _content(
    measured: Measured,
    figures: Mapping[str, Figures],
    slices: Mapping[str, Mapping[str, Figures]],
    cells: Mapping[str, Mapping[str, Mapping[str, Figures]]],
) -> dict[str, Any]:
    return {
        "rows": {
            row.method: {"about": row.about, "seconds_per_listing": row.seconds, **figures[row.method].as_json()}
            for row in measured.rows
        },
        "absent": dict(measured.absent),
        "slices": slices,
        "alteration_by_severity": cells,
        "recognition": dict(measured.recognition),
        "false_flags": [one.as_json() for one in measured.rates],
        "false_flags_by_slice": {c: [r.as_json() for r in rates] for c, rates in measured.rates_by_slice.items()},
        "faults": [one.as_json() for one in measured.faults],
        "references": [one.as_json() for one in measured.curve],
    }


def _write_scores(measured: Measured, file: Path) -> None:
    """Every row's score of every listing, with what we answer, so that rows can be compared listing by listing."""
    columns = sorted({column for one in measured.readings for column in one.listing.slices})
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["path", "brand", "label", *columns, "decision", "p_value", *(r.method for r in measured.rows)])
        for place, one in enumerate(measured.readings):
            told = [one.listing.slices.get(column, "") for column in columns]
            answer = [one.outcome.decision, one.outcome.p_value]
            scores = [f"{row.scores[place]:.6g}" for row in measured.rows]
            table.writerow([one.listing.path, one.listing.brand, one.listing.label, *told, *answer, *scores])


def _plain(value: object) -> object:
    if isinstance(value, Figures):
        return value.as_json()
    raise TypeError(f"{type(value)} has no JSON form")
