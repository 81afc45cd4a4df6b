"""The evaluation's page: the figures, how the scores lie, every slice, and the cases worth seeing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.pages import chart, look

KINDS = {  # as the evidence pictures are named -> what they are
    "false-flag": ("Genuine, flagged", "False flags, the most unlike first."),
    "missed": ("Altered, not flagged", "Misses, by how far they are off."),
    "false-recognition": ("Unrelated, taken for a brand", "No enrolled brand is shown, and one was named."),
    "flagged": ("Altered, flagged", "Some of those that were found."),
    "passed": ("Genuine, not flagged", "Some of those that passed."),
}


@dataclass(frozen=True)
class _Cases:
    """Evidence pictures of one kind, as paths relative to the page."""

    title: str
    words: str
    pictures: tuple[str, ...]


def evaluation(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], out: Path) -> Path:
    """Write the page of a report and its `scores.csv` rows into their folder -> its file."""
    altered, genuine = scores(rows, "counterfeit"), scores(rows, "genuine")
    return look.write(
        "evaluation.html.j2",
        out,
        report=report,
        roc=chart.roc(altered, genuine),
        histogram=chart.histogram(altered, genuine),
        cases=_cases(out),
        errors=[(row["path"], row["error"]) for row in rows if row.get("error")],
    )


def scores(rows: Sequence[Mapping[str, Any]], label: str) -> list[float]:
    """The scores of the listings with a label that have one."""
    return [float(row["score"]) for row in rows if row["label"] == label and row["score"] not in ("", None)]


def _cases(out: Path) -> list[_Cases]:
    """Pictures are named `<rank>-<kind>.png`."""
    names = sorted(path.name for path in (out / "evidence").glob("*.png"))
    return [
        _Cases(title, words, tuple(f"evidence/{name}" for name in names if name.partition("-")[2] == f"{kind}.png"))
        for kind, (title, words) in KINDS.items()
    ]
