"""Judge: how well an exported detector finds the marks of scenes that it did not learn from, as serving would."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.detector.batches import held_out
from training.detector.config import DetectorConfig
from training.detector.scene_set import SceneSet
from training.localisation import Proposed, Truth, average_precision, found, match, side
from vision.regions.detector import Detector

REGIONS = 20
LARGE_PX = 48.0


@dataclass(frozen=True)
class Judged:
    """Figures over held-out scenes; marks of at least `LARGE_PX` px of the scene are the large ones."""

    precision: float  # average, at IoU 0.5
    precision_large: float
    recall_large: float  # with 20 regions
    scenes: int


def judge(model: Path, scenes: SceneSet, settings: DetectorConfig) -> Judged:
    """An exported detector on at most `judged_scenes` of the scenes."""
    detector, matched, hits = Detector(model), [], []
    count = min(len(scenes), settings.schedule.judged_scenes)
    for index in range(count):
        proposed, truth = _look(detector, scenes, index, settings)
        matched.append((match(proposed, truth), match(proposed, truth, sides_px=(LARGE_PX, np.inf))))
        large = truth.counts & (side(truth.boxes) >= LARGE_PX)
        hits.append(found(proposed, truth.boxes, REGIONS)[large])
    whole, large_only = ([pair[place] for pair in matched] for place in (0, 1))
    recall = np.concatenate(hits) if hits else np.zeros(0)
    return Judged(
        precision=average_precision(whole) or 0.0,
        precision_large=average_precision(large_only) or 0.0,
        recall_large=float(recall.mean()) if recall.size else 0.0,
        scenes=count,
    )


def _look(detector: Detector, scenes: SceneSet, index: int, settings: DetectorConfig) -> tuple[Proposed, Truth]:
    pixels, marks = scenes.pixels(index), scenes.boxes[index]
    detections = detector.detect(pixels)
    size = np.array([pixels.shape[1], pixels.shape[0]] * 2, np.float64)
    boxes = np.array([one.box for one in detections]).reshape(-1, 4) * size
    truth = np.asarray(marks[:, :4], np.float64)
    counts = (marks[:, 4] >= settings.objective.least_visible) & (side(truth) >= settings.objective.least_side_px)
    return Proposed(boxes, np.array([one.score for one in detections])), Truth(truth, np.asarray(counts))


def judging(scenes: SceneSet, settings: DetectorConfig) -> SceneSet:
    """The scenes that judge."""
    return scenes.where(held_out(scenes, settings.scenes.held_out_every))
