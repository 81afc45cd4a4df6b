"""Figures: recall, mean average precision and open-set AUROC, with intervals over brands drawn anew."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery.clustered import Estimate, bootstrapped
from benchmarks.recognition.crop import Crop
from benchmarks.recognition.emblem_set import CONDITIONS
from benchmarks.recognition.ranking import Ranked
from training import metrics

Rows = NDArray[np.intp]
Statistic = Callable[[Rows], float | None]
Figures = Mapping[str, Estimate]

ROUNDS = 500


def of_emblems(found: Ranked, queries: Sequence[Crop]) -> Figures:
    """Figures over the photographs of emblems, overall and by condition."""
    role, condition = np.array([one.role for one in queries]), np.array([one.condition for one in queries])
    told: dict[str, Statistic] = {}
    for name in CONDITIONS:
        of = condition == name
        told[f"{name}_recall_at_1"] = _recall(found, of & (role == "genuine"), 1)
        told[f"{name}_recall_at_5"] = _recall(found, of & (role == "genuine"), 5)
        told[f"{name}_forged_recall_at_1"] = _recall(found, of & (role == "forged"), 1)
        told[f"{name}_open_set_auroc"] = _auroc(found, of & (role == "genuine"), of & (role == "stranger"))
    told["open_set_auroc"] = _auroc(found, role == "genuine", role == "stranger")
    told["mean_average_precision"] = _precision(found, role == "genuine")
    return _estimated(told, queries)


def of_wild(found: Ranked, queries: Sequence[Crop]) -> Figures:
    """Figures over marks of photographs in the wild, each found among those of other photographs."""
    every = np.ones(len(queries), np.bool_)
    told = {
        "recall_at_1": _recall(found, every, 1),
        "recall_at_5": _recall(found, every, 5),
        "mean_average_precision": _precision(found, every),
    }
    return _estimated(told, queries)


def _estimated(told: Mapping[str, Statistic], queries: Sequence[Crop]) -> Figures:
    found = bootstrapped(lambda rows: [one(rows) for one in told.values()], [one.brand for one in queries], ROUNDS)
    return dict(zip(told, found, strict=True))


def _recall(found: Ranked, of: NDArray[np.bool_], most: int) -> Statistic:
    """Share whose own brand is among so many nearest brands."""
    return lambda rows: metrics.share(found.nearer[rows[of[rows]]] < most)


def _precision(found: Ranked, of: NDArray[np.bool_]) -> Statistic:
    of = of & ~np.isnan(found.precision)
    return lambda rows: float(found.precision[rows[of[rows]]].mean()) if of[rows].any() else None


def _auroc(found: Ranked, known: NDArray[np.bool_], unknown: NDArray[np.bool_]) -> Statistic:
    """Chance that a known brand's photograph lies nearer to a reference than an unknown brand's."""
    near = found.similarity
    return lambda rows: metrics.auroc(near[rows[known[rows]]], near[rows[unknown[rows]]])
