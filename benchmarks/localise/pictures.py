"""Pictures: photographs with the boxes of their marks and of what was proposed, to look at by eye."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.localise.measured import Looked, Measured, opened
from training.synthesis.listings import encoded

_MARK, _MISSED, _PROPOSED = (0, 200, 60), (235, 40, 40), (60, 130, 255)
_SHOWN = 12  # proposals drawn a picture


def write_pictures(measured: Measured, folder: Path, count: int) -> None:
    """Every so-manieth photograph of a set: marks found green, missed red, the surest proposals blue with scores."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in measured.looked if len(one.photo.truth.boxes)]
    for one in _spread(chosen, count):
        (folder / f"{measured.photo_set.name}-{one.photo.file.stem}.jpg").write_bytes(encoded(picture(one)))


def picture(one: Looked) -> NDArray[np.uint8]:
    """A photograph with its boxes."""
    pixels = np.array(opened(one.photo).pixels)
    best = one.proposed.best_first
    for box, score in zip(best.boxes[:_SHOWN], best.scores[:_SHOWN], strict=True):
        _draw(pixels, box, _PROPOSED, 1)
        at = int(box[0]) + 2, max(10, int(box[1]) - 3)
        cv2.putText(pixels, f"{score:.2f}", at, cv2.FONT_HERSHEY_SIMPLEX, 0.35, _PROPOSED, 1, cv2.LINE_AA)
    for box, found, counts in zip(one.photo.truth.boxes, one.found(), one.photo.truth.counts, strict=True):
        if counts:
            _draw(pixels, box, _MARK if found else _MISSED, 2)
    return pixels


def _draw(pixels: NDArray[np.uint8], box: NDArray[np.float64], colour: tuple[int, int, int], width: int) -> None:
    x0, y0, x1, y1 = (round(float(edge)) for edge in box)
    cv2.rectangle(pixels, (x0, y0), (x1, y1), colour, width)


def _spread(looked: Sequence[Looked], count: int) -> list[Looked]:
    step = max(1, len(looked) // max(1, count))
    return list(looked[::step][:count])
