"""`touchstone evaluate`: how well the whole path does on a labelled set of listings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_ALPHA, Alpha, AsJson, BundleDir, Force, PrecisionName, precision_of


def run(
    references: Annotated[Path, typer.Argument(help="Folder that holds a folder a brand.", metavar="REFERENCES")],
    listings: Annotated[
        Path,
        typer.Argument(help="Table with the columns path, brand, label; more become slices.", metavar="LISTINGS.csv"),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for scores.csv, report.json and index.html.", metavar="DIR")
    ],
    alpha: Alpha = DEFAULT_ALPHA,
    bundle: BundleDir = None,
    precision: PrecisionName = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Data folder whose brands' own scores are judged by.", metavar="DIR"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of whatever is drawn at random.")] = 0,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Measure the whole path on labelled listings.

    REFERENCES is enrolled into a fresh store; every listing is inspected as serving would, untold of its brand.
    """
    from cli import composition, pages
    from training import evaluate

    kept = None if data is None else composition.place_of(data)
    with console.progress("evaluating") as advance:
        evaluation = evaluate.run(
            references,
            listings,
            out,
            alpha,
            bundle,
            seed,
            force,
            lambda _, done, total: advance(done, total),
            kept,
            precision_of(precision),
        )
    report = evaluation.report
    page = pages.evaluation(report, [outcome.row for outcome in evaluation.outcomes], out)
    if as_json:
        console.write_json(report)
    else:
        _write(report, page)


HEADLINES = (
    ("AUROC, altered against genuine", "auroc", ".3f"),
    ("altered found at 1% false flags", "tpr_at_fpr.0.01", ".1%"),
    ("altered found at 5% false flags", "tpr_at_fpr.0.05", ".1%"),
    ("brand recall at 1, genuine listings", "brand_recall_at_1", ".1%"),
    ("unrelated photos taken for a brand", "false_recognition_rate", ".1%"),
    ("genuine listings flagged", "false_flag_rate", ".1%"),
    ("allowed (alpha)", "alpha", ".1%"),
    ("branded listings left undecided", "undecided_rate", ".1%"),
    ("photos a second", "photos_per_second", ".2f"),
)


def _write(report: Mapping[str, Any], page: Path) -> None:
    columns = ("measure", "value#")
    console.write_table(columns, [(words, _figure(report, key, form)) for words, key, form in HEADLINES])
    if report["errors"]:
        console.complain(f"{report['errors']} listings could not be read; they stand in scores.csv with why")
    console.say(f"\nthe whole account: {page}")


def _figure(report: Mapping[str, Any], key: str, form: str) -> str:
    """The value under a key, whose part after the first dot is a key of its own."""
    head, _, rest = key.partition(".")
    return console.number(report[head][rest] if rest else report[head], form)
