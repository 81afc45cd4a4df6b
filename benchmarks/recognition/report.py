"""Report: all that was measured, as JSON, as tables for a terminal and as a page with the worst mistakes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import jinja2
from rich.console import Console

from benchmarks.recognition import mistakes, plots
from benchmarks.recognition.bars import held
from benchmarks.recognition.measured import Row, Slice
from benchmarks.recognition.tables import tables_of

PAGE = Path(__file__).with_name("page.html.j2")
MOST = 12  # mistakes shown a row and kind

Group = tuple[str, list[tuple[str, str]]]  # title; file and caption of each picture


def write(
    rows: Sequence[Row], ours: int, about: Mapping[str, object], absent: Mapping[str, str], out: Path, console: Console
) -> None:
    """Writes report.json, rows.png, index.html and mistakes/ into `out`, prints tables; the first `ours` are ours."""
    tables = tables_of(rows, ours, absent)
    for table in tables:
        table.print(console)
    plots.draw(rows, out / "rows.png")
    (out / "report.json").write_text(json.dumps(_content(rows, ours, about, absent), indent=1) + "\n", encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    groups = [group for turn, row in enumerate(rows[:ours]) for group in _groups(row, out / "mistakes", f"{turn}")]
    page = environment.from_string(PAGE.read_text(encoding="utf-8"))
    (out / "index.html").write_text(page.render(tables=tables, groups=groups, about=about), encoding="utf-8")


def _groups(row: Row, folder: Path, stem: str) -> Iterator[Group]:
    if row.emblems:
        worst = mistakes.worst(row.emblems, MOST)
        yield f"{row.name}: emblems taken for another", list(mistakes.write(worst, folder, f"{stem}-emblems"))
        nearest = mistakes.likeliest_strangers(row.emblems, MOST)
        yield f"{row.name}: strangers most alike", list(mistakes.write(nearest, folder, f"{stem}-strangers"))
    if row.wild:
        worst = mistakes.worst(row.wild, MOST)
        yield f"{row.name}: wild_logos taken for another", list(mistakes.write(worst, folder, f"{stem}-wild"))


def _content(
    rows: Sequence[Row], ours: int, about: Mapping[str, object], absent: Mapping[str, str]
) -> dict[str, object]:
    return {
        **about,
        "rows": {
            row.name: {
                "images_per_second": round(row.images_per_second, 1),
                "emblems": _figures(row.emblems),
                "wild_logos": _figures(row.wild),
            }
            for row in rows
        },
        "bars": {row.name: [asdict(one) | {"met": one.met} for one in held(row, rows)] for row in rows[:ours]},
        "absent": dict(absent),
    }


def _figures(one: Slice | None) -> dict[str, object] | None:
    return {name: asdict(value) for name, value in one.figures.items()} if one else None
