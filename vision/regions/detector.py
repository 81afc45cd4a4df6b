"""The detector of marks: a small network that says where in a photo something like a brand's mark is, whosever.

It is trained on composed scenes and answers for brands never seen. It only proposes; whose mark it is, and whether
it diverges, is decided on other evidence.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.bundle import sha256_of
from vision.errors import BundleInvalid
from vision.regions.boxes import keep
from vision.runtime import open_session

LONG_SIDES_PX = (512, 256)  # of the photo as the network sees it: the second time marks that fill it are small too
STEP_PX = 32  # both its sides are padded to a multiple of this
PAD = 114  # grey of the padding
LEAST_SCORE = 0.05
MOST_IOU = 0.5  # of two detections
MOST = 100

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions 0..1 of the photo


@dataclass(frozen=True)
class Detection:
    """Where a mark seems to be."""

    box: Box
    score: float  # 0..1, the network's estimate of how well the box fits a mark


class MarkDetector(Protocol):
    """Finds marks in photos."""

    @property
    def fingerprint(self) -> str:
        """Identity of the weights."""
        ...

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[Detection, ...]:
        """Marks of a photo `[H, W, 3]`, the surest first."""
        ...


class Detector:
    """The detector of a bundle. Thread safe; weights are loaded once, here."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._session = open_session(path, threads)
        if self._session.inputs != ("photo",) or self._session.outputs != ("boxes", "scores"):
            raise BundleInvalid(
                f"{path.name} takes {', '.join(self._session.inputs)} and gives {', '.join(self._session.outputs)}; a"
                " detector takes photo and gives boxes, scores: export it with `python -m training.detector.train`"
            )
        self._fingerprint = sha256_of(path)[:16]

    @property
    def fingerprint(self) -> str:
        """Identity of the weights; scores made with other regions do not compare."""
        return self._fingerprint

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[Detection, ...]:
        """At most `MOST` marks of a photo `[H, W, 3]`, the surest first, seen at each of `LONG_SIDES_PX`."""
        boxes, scores = (
            np.concatenate(part) for part in zip(*(self._look(pixels, px) for px in LONG_SIDES_PX), strict=True)
        )
        kept = keep(boxes, scores, MOST_IOU, MOST)
        size = np.array([pixels.shape[1], pixels.shape[0]] * 2)
        found = np.clip(boxes[kept] / size, 0.0, 1.0)
        return tuple(
            Detection((x0, y0, x1, y1), score)
            for (x0, y0, x1, y1), score in zip(found.tolist(), scores[kept].tolist(), strict=True)
            if x1 > x0 and y1 > y0
        )

    def _look(self, pixels: NDArray[np.uint8], long_side_px: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Boxes `[A, 4]` px of the photo and their scores `[A]`, of all cells that are not without hope."""
        padded, scale = letterbox(pixels, long_side_px)
        boxes, scores = self._session.run({"photo": padded[None]})  # px of the padded photo
        likely = np.flatnonzero(scores >= LEAST_SCORE)
        return np.asarray(boxes[likely], np.float64) / scale, np.asarray(scores[likely], np.float64)


def letterbox(pixels: NDArray[np.uint8], long_side_px: int) -> tuple[NDArray[np.uint8], float]:
    """A photo `[H, W, 3]` scaled to its longer side and padded right and below to whole steps -> it, and the scale."""
    height, width = pixels.shape[:2]
    scale = long_side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
    right, below = (-side % STEP_PX for side in size)
    return np.pad(small, ((0, below), (0, right), (0, 0)), constant_values=PAD), scale
