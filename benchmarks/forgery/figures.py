"""Figures: how well each row tells forged from genuine, overall and by slice."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery.clustered import Estimate, bootstrapped
from benchmarks.forgery.row import Row
from training import metrics
from training.listing import Listing

FPRS = (0.01, 0.05)
SLICES = ("condition", "finish", "product", "severity", "alteration")


@dataclass(frozen=True, eq=False)
class Labelled:
    """What is known of the `L` listings that rows score."""

    listings: tuple[Listing, ...]

    @property
    def forged(self) -> NDArray[np.bool_]:
        """[L]"""
        return np.array([one.label == "counterfeit" for one in self.listings], np.bool_)

    @property
    def brands(self) -> list[str]:
        """Of each listing."""
        return [one.brand or "" for one in self.listings]

    def where(self, column: str, value: str) -> NDArray[np.bool_]:
        """[L] which listings have this value in this column."""
        return np.array([one.slices.get(column) == value for one in self.listings], np.bool_)

    def values(self, column: str) -> list[str]:
        """The values of a column, sorted."""
        return sorted({one.slices.get(column, "") for one in self.listings} - {""})


@dataclass(frozen=True)
class Figures:
    """How well forged listings stand out from genuine ones."""

    forged: int
    genuine: int
    auroc: Estimate
    tpr_at_1_percent_fpr: Estimate
    tpr_at_5_percent_fpr: Estimate

    def as_json(self) -> dict[str, object]:
        """As report.json holds it."""
        return asdict(self)


def figures_of(row: Row, labelled: Labelled, part: NDArray[np.bool_] | None = None, intervals: bool = True) -> Figures:
    """A row's figures over a part `[L]` of the listings.

    A part without genuine listings (by alteration, by severity) stands against all of them.
    """
    use = np.ones(len(labelled.listings), np.bool_) if part is None else part
    genuine = use & ~labelled.forged if (use & ~labelled.forged).any() else ~labelled.forged
    chosen = np.flatnonzero(((use & labelled.forged) | genuine) & ~np.isnan(row.scores))
    scores, forged = row.scores[chosen], labelled.forged[chosen]

    def statistic(rows: NDArray[np.intp]) -> list[float | None]:
        positive, negative = scores[rows][forged[rows]], scores[rows][~forged[rows]]
        return [metrics.auroc(positive, negative), *(metrics.tpr_at_fpr(positive, negative, fpr) for fpr in FPRS)]

    brands = [labelled.brands[i] for i in chosen]
    found = bootstrapped(statistic, brands) if intervals else [Estimate(v) for v in statistic(np.arange(len(chosen)))]
    return Figures(int(forged.sum()), int((~forged).sum()), *found)


def by_slice(row: Row, labelled: Labelled) -> dict[str, dict[str, Figures]]:
    """Figures by column and value."""
    return {
        column: {value: figures_of(row, labelled, labelled.where(column, value)) for value in labelled.values(column)}
        for column in SLICES
    }


def by_kind_and_severity(row: Row, labelled: Labelled) -> dict[str, dict[str, Figures]]:
    """Figures by alteration and severity, without intervals: a cell holds a handful of listings."""
    return {
        kind: {
            severity: figures_of(
                row, labelled, labelled.where("alteration", kind) & labelled.where("severity", severity), False
            )
            for severity in labelled.values("severity")
        }
        for kind in labelled.values("alteration")
    }


def scores_of(row: Row, labelled: Labelled) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of the forged and of the genuine listings."""
    known = ~np.isnan(row.scores)
    return row.scores[known & labelled.forged], row.scores[known & ~labelled.forged]


def labelled(listings: Sequence[Listing]) -> Labelled:
    """The listings that rows score."""
    return Labelled(tuple(listings))
