"""Plots: the report's pictures, each a PNG."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.forgery.curve import Point
from benchmarks.forgery.false_flags import AtRate
from benchmarks.forgery.figures import Labelled, figures_of, scores_of
from benchmarks.forgery.readings import Reading
from benchmarks.forgery.row import OURS, Row
from training.metrics import roc

INK, QUIET, ACCENT = "#1c1e22", "#9aa0a8", "#b3261e"
SHADES = ("C0", "C1", "C2", "C4", "C5", "C6", "C7", "C8", "C9", INK)  # none like ours


def draw_roc(rows: Sequence[Row], labelled: Labelled, file: Path) -> None:
    """The curve of every row, dashed where it looks at whole photos; few false positives are allowed, so a log axis."""
    figure, axes = _sheet("false positive rate, genuine listings", "true positive rate, forged listings", (8.5, 6))
    families = list(dict.fromkeys(row.family for row in rows))
    for row in rows:
        points = roc(*scores_of(row, labelled))
        ours = row.method == OURS
        axes.plot(
            np.maximum(points[:, 0], 1e-3),
            points[:, 1],
            color=ACCENT if ours else SHADES[families.index(row.family) % len(SHADES)],
            lw=2.6 if ours else 1.1,
            ls="--" if row.whole_photo else "-",
            drawstyle="steps-post",
            label=row.method,
        )
    axes.set_xscale("log")
    axes.set_xlim(2e-3, 1)
    axes.legend(fontsize=6.5, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    _save(figure, file)


def draw_bars(rows: Sequence[Row], labelled: Labelled, file: Path) -> None:
    """AUROC by alteration: ours, and beside it the best of the baselines on this very kind."""
    kinds = labelled.values("alteration")
    ours, others = _parted(rows)
    figure, axes = _sheet("", "AUROC", (9, 4.2))
    places = np.arange(len(kinds))
    values = [_auroc(ours, labelled, kind) for kind in kinds]
    best = [max((_auroc(row, labelled, kind) for row in others), default=np.nan) for kind in kinds]
    axes.bar(places - 0.2, values, 0.4, color=ACCENT, label=OURS)
    axes.bar(places + 0.2, best, 0.4, color=QUIET, label="best baseline on that kind")
    axes.axhline(0.5, color=INK, lw=0.6, ls=":")
    axes.set_xticks(places, kinds, rotation=30, ha="right")
    axes.set_ylim(0.4, 1)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1))
    _save(figure, file)


def _parted(rows: Sequence[Row]) -> tuple[Row, list[Row]]:
    return next(row for row in rows if row.method == OURS), [row for row in rows if row.method != OURS]


def _auroc(row: Row, labelled: Labelled, kind: str) -> float:
    found = figures_of(row, labelled, labelled.where("alteration", kind), intervals=False).auroc.value
    return float("nan") if found is None else found


def draw_reliability(readings: Sequence[Reading], file: Path) -> None:
    """Empirical distribution of genuine p-values against the diagonal: above it, flags come oftener than promised."""
    p = np.sort([r.outcome.p_value for r in readings if r.listing.label == "genuine" and r.outcome.p_value is not None])
    figure, axes = _sheet("p-value", "share of genuine listings at or below it", (5.4, 5))
    axes.plot([1e-3, 1], [1e-3, 1], color=QUIET, lw=1, ls="--", label="as promised")
    if len(p):
        axes.plot(p, np.arange(1, len(p) + 1) / len(p), color=ACCENT, lw=2, drawstyle="steps-post", label="measured")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.legend(frameon=False, loc="upper left")
    _save(figure, file)


def draw_false_flags(rates: Sequence[AtRate], file: Path) -> None:
    """False flags against alpha, with what it costs in altered listings left unflagged."""
    figure, axes = _sheet("alpha", "share", (6.4, 4.6))
    alphas = np.array([one.alpha for one in rates])
    values = np.array([one.false_flags.value or 0.0 for one in rates])
    low = np.array([one.false_flags.low or 0.0 for one in rates])
    high = np.array([one.false_flags.high or 0.0 for one in rates])
    axes.plot(alphas, alphas, color=QUIET, lw=1, ls="--", label="alpha")
    axes.errorbar(
        alphas, values, [values - low, high - values], color=ACCENT, marker="o", capsize=3, label="genuine flagged"
    )
    axes.plot(alphas, [one.flagged_forged.value or 0.0 for one in rates], color=INK, marker="s", label="forged flagged")
    axes.plot(alphas, [one.undecided.value or 0.0 for one in rates], color=QUIET, marker="^", label="undecided")
    axes.set_xscale("log")
    axes.set_xticks(alphas, [f"{alpha:g}" for alpha in alphas])
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8)
    _save(figure, file)


def draw_curve(points: Sequence[Point], file: Path) -> None:
    """What more references bring."""
    figure, axes = _sheet("references a brand", "", (5.8, 4.2))
    counts = [point.references for point in points]
    for name, shade in (("auroc", ACCENT), ("tpr_at_5_percent_fpr", INK), ("tpr_at_1_percent_fpr", QUIET)):
        axes.plot(
            counts,
            [getattr(point.figures, name).value or 0.0 for point in points],
            color=shade,
            marker="o",
            label=name.replace("_", " "),
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.set_ylim(0, 1)
    axes.legend(frameon=False)
    _save(figure, file)


def _sheet(x: str, y: str, size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(size, layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Figure, file: Path) -> None:
    figure.savefig(file, dpi=130)
