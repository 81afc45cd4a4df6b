"""Localisation: how well proposed boxes find marks. Pure arithmetic on boxes in px."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.regions.boxes import iou

FOUND_AT = 0.5  # intersection over union from which a mark counts as found

Boxes = NDArray[np.float64]  # [n, 4] x0 y0 x1 y1 px


@dataclass(frozen=True, eq=False)
class Proposed:
    """Boxes proposed in one photo."""

    boxes: Boxes  # [R, 4]
    scores: NDArray[np.float64]  # [R] larger is surer

    @property
    def best_first(self) -> "Proposed":
        """The same by score; equal scores stay in order."""
        order = np.argsort(-self.scores, kind="stable")
        return Proposed(self.boxes[order], self.scores[order])


@dataclass(frozen=True, eq=False)
class Truth:
    """The marks of one photo. Those that do not count may be found or not, without praise or blame."""

    boxes: Boxes  # [G, 4]
    counts: NDArray[np.bool_]  # [G]


@dataclass(frozen=True, eq=False)
class Matched:
    """What became of one photo's proposals that bear on the figures, and how many marks there were."""

    scores: NDArray[np.float64]  # [P]
    hits: NDArray[np.bool_]  # [P]
    marks: int


def side(boxes: Boxes) -> NDArray[np.float64]:
    """Longer sides [n] px."""
    return np.asarray(np.max(boxes[:, 2:] - boxes[:, :2], axis=1, initial=0.0), np.float64)


def match(
    proposed: Proposed, truth: Truth, at_iou: float = FOUND_AT, sides_px: tuple[float, float] = (0.0, np.inf)
) -> Matched:
    """Give each mark to the best-scored proposal that overlaps it most (as in PASCAL VOC and COCO).

    Proposals on marks that do not count are left out; so, when `sides_px` narrows, are others of sides beyond it.
    """
    ranked = proposed.best_first
    overlap = iou(ranked.boxes, truth.boxes)  # [R, G]
    counts = truth.counts & _within(side(truth.boxes), sides_px)
    taken = np.zeros(len(counts), bool)
    bears = _within(side(ranked.boxes), sides_px)
    hits = np.zeros(len(ranked.scores), bool)
    for rank, row in enumerate(overlap):
        mark = _mark_for(row, taken, counts, at_iou)
        if mark is None:
            continue
        hits[rank] = bears[rank] = counts[mark]
        taken[mark] |= counts[mark]
    return Matched(ranked.scores[bears], hits[bears], int(counts.sum()))


def _within(sides: NDArray[np.float64], span: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((sides >= span[0]) & (sides < span[1]))


def _mark_for(
    overlap: NDArray[np.float64], taken: NDArray[np.bool_], counts: NDArray[np.bool_], at_iou: float
) -> int | None:
    """The free mark that a proposal overlaps most, those that count first; one that does not count is never taken."""
    for eligible in (counts & ~taken, ~counts):
        free = np.where(eligible, overlap, 0.0)
        if free.size and free.max() >= at_iou:
            return int(free.argmax())
    return None


def average_precision(photos: Sequence[Matched]) -> float | None:
    """Area under the precision-recall curve, precision made monotone (PASCAL VOC 2010); None without marks."""
    marks = sum(photo.marks for photo in photos)
    if not marks:
        return None
    recall, precision = curve(photos)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * envelope).sum())


def curve(photos: Sequence[Matched]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and precision [P] as the threshold falls past each proposal of all photos."""
    scores = np.concatenate([photo.scores for photo in photos])
    hits = np.concatenate([photo.hits for photo in photos])[np.argsort(-scores, kind="stable")]
    found = np.cumsum(hits)
    marks = max(1, sum(photo.marks for photo in photos))
    return found / marks, found / np.arange(1, len(hits) + 1)


def found(proposed: Proposed, boxes: Boxes, regions: int, at_iou: float = FOUND_AT) -> NDArray[np.bool_]:
    """Which of the marks [G] one of the best `regions` proposals overlaps enough."""
    best = proposed.best_first.boxes[:regions]
    if not len(best):
        return np.zeros(len(boxes), bool)
    return np.asarray(iou(best, boxes).max(axis=0, initial=0.0) >= at_iou)
