"""Nearness: plain retrieval as an embedder alone would serve it, so that embedders compare. No geometry, no scorer.

A photo's regions, as they were proposed to be recognised, are searched in the gallery; the nearest of them speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.retrieval import average_precisions
from vision.finding.look import Look
from vision.finding.neighbours import Neighbours
from vision.photo import Photo
from vision.recognition import Recogniser
from vision.regions import region

MOST_VECTORS = 4096  # of references looked at; in a larger gallery what lies further counts as not found


@dataclass(frozen=True)
class Nearness:
    """What vectors alone say of one photo."""

    distance: float  # to the nearest reference of any brand, 0..2
    brands_nearer: int | None  # than its true brand; None where it has none
    average_precision: float | None  # of its true brand's references; None where it has none


def nearness(recogniser: Recogniser, photo: Photo, look: Look, brand: str | None) -> Nearness:
    """Of one photo, by the regions that were looked at."""
    small = photo.fit(recogniser.policy.working_side_px)
    vectors = recogniser.embedder.embed([region.crop(small, each) for each in look.regions])
    return of_neighbours(recogniser.references.nearest(vectors, MOST_VECTORS), brand)


def of_neighbours(found: Neighbours, brand: str | None) -> Nearness:
    """Of the nearest vectors of a photo's regions."""
    by_brand = found.best_by_brand()
    nearest = min(by_brand.values(), default=2.0)
    if brand is None:
        return Nearness(nearest, None, None)
    own = by_brand.get(brand, np.inf)
    return Nearness(nearest, sum(distance < own for distance in by_brand.values()), _precision(found, brand))


def _precision(found: Neighbours, brand: str) -> float:
    """Over references, each by its nearest vector to any region; 0 where none of the brand's is found."""
    best: dict[tuple[str, str], float] = {}
    columns = (found.brand.ravel(), found.reference.ravel(), found.distance.ravel())
    for whose, reference, distance in zip(*columns, strict=True):
        best[whose, reference] = min(float(distance), best.get((whose, reference), np.inf))
    references = [key for key in best if key[0]]
    cosine = np.array([[1 - best[key] for key in references]])
    return float(np.nan_to_num(average_precisions(cosine, np.array([[key[0] == brand for key in references]])))[0])


def report(genuine: Sequence[Nearness], unrelated: Sequence[Nearness]) -> dict[str, float | None]:
    """Recall and mean average precision over genuine listings; open-set AUROC of those against unrelated ones."""
    ranks = [one.brands_nearer for one in genuine if one.brands_nearer is not None]
    precisions = [one.average_precision for one in genuine if one.average_precision is not None]
    return {
        "recall_at_1": metrics.share([rank < 1 for rank in ranks]),
        "recall_at_5": metrics.share([rank < 5 for rank in ranks]),
        "mean_average_precision": float(np.mean(precisions)) if precisions else None,
        "open_set_auroc": metrics.auroc(_distances(unrelated), _distances(genuine)),
    }


def _distances(seen: Sequence[Nearness]) -> NDArray[np.float64]:
    return np.array([one.distance for one in seen], np.float64)
