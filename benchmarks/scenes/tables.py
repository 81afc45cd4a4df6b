"""Tables: how whole scenes were answered, beside the same marks cropped and beside a larger gallery."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from rich.table import Table
from scipy import stats

from training import metrics
from training.evaluate import Outcome
from vision.verdict import Decision

LARGE_PX = 96  # longer side of the marks whose forgeries must be told as well as when cropped
SIZES_PX = ((0, 48), (48, 96), (96, 192), (192, 10_000))
_COLUMNS = ("composition", "clutter", "condition", "overlaid")
_COUNTS = ((1, "1"), (3, "2 to 3"), (9, "4 to 9"), (10**6, "10 and more"))

Runs = Mapping[str, Sequence[Outcome]]  # name -> its outcomes
Keep = Callable[[Outcome], bool]


def summary(runs: Runs) -> Table:
    """A row a run."""
    large = f"of {LARGE_PX} px and more"
    head = ("run", "brand right, of genuine", f"the same, {large}", "wrong brand", "taken for a brand, of strangers")
    table = Table(*head, f"AUROC {large}", "AUROC", f"TPR at 5% FPR {large}", "genuine flagged", "forged flagged")
    for name, outcomes in runs.items():
        genuine, forged = _labelled(outcomes, "genuine"), _labelled(outcomes, "counterfeit")
        table.add_row(
            name,
            share([right(one) for one in genuine]),
            share([right(one) for one in genuine if is_large(one)]),
            share([one.predicted_brand not in ("", one.listing.brand) for one in [*genuine, *forged]]),
            share([one.predicted_brand != "" for one in _labelled(outcomes, "unrelated")]),
            _number(auroc([one for one in outcomes if is_large(one)])),
            _number(auroc(outcomes)),
            _number(_tpr([one for one in outcomes if is_large(one)])),
            share([_flagged(one) for one in genuine]),
            share([_flagged(one) for one in forged]),
        )
    return table


def sliced(runs: Runs) -> Table:
    """Brands told rightly and forgeries told apart, by what makes a mark hard to find; two columns a run."""
    table = Table("slice", "genuine")
    for name in runs:
        table.add_column(f"{name}: brand right", justify="right")
        table.add_column("AUROC", justify="right")
    first = next(iter(runs.values()))
    for name, keep in slices(first):
        cells = []
        for outcomes in runs.values():
            part = [one for one in outcomes if keep(one)]
            told = [right(one) for one in _labelled(part, "genuine")]
            cells += [f"{np.mean(told):.3f}" if told else "-", _number(auroc(part))]
        table.add_row(name, str(len(_labelled([one for one in first if keep(one)], "genuine"))), *cells)
    return table


def slices(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Keep]]:
    """Every slice of listings about a brand, by its name."""
    for low, high in SIZES_PX:
        yield f"mark of {low} to {high} px", lambda one, low=low, high=high: low <= mark_px(one) < high  # type: ignore[misc]
    least = 1
    for most, name in _COUNTS:
        yield f"marks in the photo {name}", lambda one, low=least, high=most: low <= _marks(one) <= high  # type: ignore[misc]
        least = most + 1
    for column in _COLUMNS:
        for value in sorted({one.listing.slices[column] for one in outcomes} - {""}):
            yield f"{column} {value}", lambda one, c=column, v=value: one.listing.slices[c] == v  # type: ignore[misc]


def share(flags: Sequence[bool]) -> str:
    """How many of how many, with the share and its 95% interval (Wilson 1927)."""
    hits, n = sum(flags), len(flags)
    if n == 0:
        return "-"
    interval = stats.binomtest(hits, n).proportion_ci(0.95, "wilson")
    return f"{hits} of {n}: {hits / n:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def auroc(outcomes: Sequence[Outcome]) -> float | None:
    """Of forged against genuine listings, each scored against its true brand; None where one is missing."""
    return metrics.auroc(_scores(outcomes, "counterfeit"), _scores(outcomes, "genuine"))


def right(one: Outcome) -> bool:
    """Whether the brand was told."""
    return one.predicted_brand == one.listing.brand


def is_large(one: Outcome) -> bool:
    """Whether its largest mark is large enough to be judged as when cropped."""
    return mark_px(one) >= LARGE_PX


def mark_px(one: Outcome) -> int:
    """Longer side of the listed brand's largest mark in the scene, 0 where it shows none."""
    return int(one.listing.slices["mark_px"] or 0)


def _marks(one: Outcome) -> int:
    return int(one.listing.slices["marks"] or 0) if mark_px(one) else 0


def _tpr(outcomes: Sequence[Outcome]) -> float | None:
    return metrics.tpr_at_fpr(_scores(outcomes, "counterfeit"), _scores(outcomes, "genuine"), 0.05)


def _scores(outcomes: Sequence[Outcome], label: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([one.score for one in _labelled(outcomes, label) if one.score is not None], np.float64)


def _labelled(outcomes: Sequence[Outcome], label: str) -> list[Outcome]:
    return [one for one in outcomes if one.listing.label == label]


def _flagged(one: Outcome) -> bool:
    return one.decision == Decision.DIVERGENT


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
