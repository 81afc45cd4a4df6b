"""Tally: how well a score tells forged listings from genuine ones, overall and by slice."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import cv2
import numpy as np
from rich.table import Table

from training import metrics
from training.listing import Listing

SLICES = ("condition", "severity", "alteration")


@dataclass(frozen=True)
class Scored:
    """A listing of a known brand and its score: larger is less like the genuine."""

    listing: Listing
    score: float
    aligned: bool  # with any reference
    seconds: float


@dataclass(frozen=True)
class Figures:
    """How well forged listings stand out from genuine ones; None where there are none to judge by."""

    forged: int
    genuine: int
    auroc: float | None
    tpr_at_1_percent_fpr: float | None
    tpr_at_5_percent_fpr: float | None
    aligned_genuine: float | None  # share, 0..1
    aligned_forged: float | None


@dataclass(frozen=True)
class Tally:
    """A run's figures and where they were measured."""

    method: str
    machine: str
    seconds_per_listing: float  # median
    overall: Figures
    slices: dict[str, dict[str, Figures]]  # column -> value -> figures

    def as_json(self) -> dict[str, object]:
        """As a JSON file holds it."""
        return asdict(self)

    def as_table(self) -> Table:
        """As a terminal shows it."""
        caption = f"{self.machine}; median {self.seconds_per_listing:.3f} s a listing"
        table = Table("slice", title=self.method, caption=caption)
        for field in fields(Figures):
            table.add_column(field.name.replace("_", " ").replace(" percent", "%"), justify="right")
        table.add_row("overall", *_cells(self.overall))
        for column, rows in self.slices.items():
            table.add_section()
            for value, figures in rows.items():
                table.add_row(f"{column} {value}", *_cells(figures))
        return table


def tally(method: str, scored: Sequence[Scored]) -> Tally:
    """Figures of a method's scores; `scored` is not empty.

    A slice without genuine listings (by alteration, by severity) stands against all of them.
    """
    return Tally(
        method,
        machine(),
        float(np.median([one.seconds for one in scored])),
        figures_of(scored, scored),
        {column: _by(column, scored) for column in SLICES},
    )


def _by(column: str, scored: Sequence[Scored]) -> dict[str, Figures]:
    values = sorted({one.listing.slices.get(column, "") for one in scored} - {""})
    return {v: figures_of([one for one in scored if one.listing.slices.get(column) == v], scored) for v in values}


def figures_of(part: Sequence[Scored], whole: Sequence[Scored]) -> Figures:
    """Of `part`'s forged listings against its genuine ones, or against `whole`'s where it has none."""
    forged = [one for one in part if one.listing.label == "counterfeit"]
    genuine = [one for one in part if one.listing.label == "genuine"]
    genuine = genuine or [one for one in whole if one.listing.label == "genuine"]
    positive, negative = (np.array([one.score for one in side], np.float64) for side in (forged, genuine))
    return Figures(
        forged=len(forged),
        genuine=len(genuine),
        auroc=metrics.auroc(positive, negative),
        tpr_at_1_percent_fpr=metrics.tpr_at_fpr(positive, negative, 0.01),
        tpr_at_5_percent_fpr=metrics.tpr_at_fpr(positive, negative, 0.05),
        aligned_genuine=metrics.share([one.aligned for one in genuine]),
        aligned_forged=metrics.share([one.aligned for one in forged]),
    )


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, OpenCV {cv2.__version__}"


def _cells(figures: Figures) -> list[str]:
    values = (getattr(figures, field.name) for field in fields(Figures))
    return ["-" if v is None else f"{v:.3f}" if isinstance(v, float) else str(v) for v in values]
