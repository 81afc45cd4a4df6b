"""Regions: where in a photo a mark may be. The whole photo, what a detector found, then windows, centre first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.photo import Photo
from vision.regions.detector import Detection

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions 0..1 of the photo

_WHOLE: Final[Box] = (0.0, 0.0, 1.0, 1.0)
# Side of the square windows as a share of the photo's shorter side, and how many stand along each of its sides.
_SCALES: Final = ((0.75, 1), (0.5, 1), (0.6, 2), (0.4, 3))
_MARGIN: Final = 0.12  # of a detection's sides, added around it when it is looked at


@dataclass(frozen=True)
class Region:
    """A part of a photo that is worth a look."""

    box: Box
    source: str  # what proposed it: "whole" | "detector" | "window"
    score: float  # 0..1, the larger the sooner it is looked at
    margin: float = 0.0  # share of its sides by which a look goes beyond it


def propose(photo: Photo, max_regions: int = 6, detections: Sequence[Detection] = ()) -> tuple[Region, ...]:
    """At most `max_regions` regions, the whole photo first, then detections, then windows; each worth less than the
    one before. A detection keeps its own score.
    """
    most = max(1, max_regions)
    best = sorted(detections, key=lambda one: -one.score)[: most - 1]
    boxes = (_WHOLE, *_windows(photo.width, photo.height))[: most - len(best)]
    least = min((one.score for one in best), default=1.0)
    ranked = [
        Region(box, "whole" if rank == 0 else "window", least * (1 - rank / len(boxes)))
        for rank, box in enumerate(boxes)
    ]
    found = [Region(one.box, "detector", one.score, _MARGIN) for one in best]
    return (Region(_WHOLE, "whole", 1.0), *found, *ranked[1:])


def in_px(box: Box, photo: Photo) -> Box:
    """A box of a photo, or of its surroundings, in px of it."""
    x0, y0, x1, y1 = box
    return x0 * photo.width, y0 * photo.height, x1 * photo.width, y1 * photo.height


def crop(photo: Photo, region: Region) -> NDArray[np.uint8]:
    """The pixels of a region, uint8 [h, w, 3]: a view, never empty."""
    x0, y0, x1, y1 = _widened(region)
    left, right = _span(x0, x1, photo.width)
    top, bottom = _span(y0, y1, photo.height)
    return photo.pixels[top:bottom, left:right]


def _widened(region: Region) -> Box:
    x0, y0, x1, y1 = region.box
    across, down = region.margin * (x1 - x0), region.margin * (y1 - y0)
    return x0 - across, y0 - down, x1 + across, y1 + down


def _windows(width: int, height: int) -> list[Box]:
    """Square windows, scale after scale; within a scale those nearest the centre first."""
    return [box for share, count in _SCALES for box in _grid(width, height, share, count)]


def _grid(width: int, height: int, share: float, count: int) -> list[Box]:
    side = share * min(width, height)
    across, down = side / width, side / height
    boxes = [(x, y, x + across, y + down) for y in _starts(down, count) for x in _starts(across, count)]
    return sorted(boxes, key=_distance_from_centre)


def _starts(extent: float, count: int) -> list[float]:
    """Where `count` spans of this extent start when spread evenly over 0..1; a single one is centred."""
    if count == 1:
        return [(1 - extent) / 2]
    return [(1 - extent) * step / (count - 1) for step in range(count)]


def _distance_from_centre(box: Box) -> float:
    return round(abs(box[0] + box[2] - 1) + abs(box[1] + box[3] - 1), 6)  # equals stay in reading order


def _span(start: float, end: float, size: int) -> tuple[int, int]:
    first = min(max(int(start * size), 0), size - 1)
    return first, max(first + 1, min(round(end * size), size))
