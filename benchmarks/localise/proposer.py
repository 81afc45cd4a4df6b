"""Proposers: who says where in a photograph a mark may be. Ours, and what they are to be better than."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from training.localisation import Proposed
from vision.bundle import Bundle
from vision.photo import Photo
from vision.regions import region
from vision.regions.boxes import keep
from vision.regions.detector import Detector

MOST = 100  # proposals taken of each
_SEARCH_PX = 320  # longer side at which selective search works: it takes a second and more at 640


class Proposer(Protocol):
    """Proposes regions of a photograph."""

    @property
    def name(self) -> str:
        """As tables call it."""
        ...

    def propose(self, photo: Photo) -> Proposed:
        """At most `MOST` boxes in px of the photo."""
        ...


def proposers(bundle: Bundle, detector: Path | None) -> Iterator[Proposer]:
    """All that this installation has."""
    yield Served("served today, 6 regions", 6)
    yield Windows()
    if hasattr(cv2, "ximgproc"):  # in opencv-contrib-python-headless only
        yield SelectiveSearch()
    path = detector or bundle.part("detector")
    if path is not None:
        found = Detector(path)
        yield Detected(found)
        yield Mixed(found)


class Served:
    """What an inspection embeds without a detector: the whole photo, then a few windows."""

    def __init__(self, name: str, regions: int) -> None:
        self.name = name
        self._regions = regions

    def propose(self, photo: Photo) -> Proposed:
        """The regions, the score falling with the order in which they are looked at."""
        return _of_regions(region.propose(photo, self._regions), photo)


class Windows:
    """Square, wide and tall windows of many scales, scale after scale from the largest, those in the middle first."""

    name = "multi-scale windows"

    def propose(self, photo: Photo) -> Proposed:
        """A ladder of scales by a factor of 0.7, each a grid with steps of half a window."""
        boxes = np.concatenate(
            [_grid(photo, share, aspect) for share in 0.8 * 0.7 ** np.arange(5) for aspect in (1, 2)]
        )
        return Proposed(boxes[:400], -np.arange(min(400, len(boxes)), dtype=np.float64))


def _grid(photo: Photo, share: float, aspect: float) -> NDArray[np.float64]:
    height = share * min(photo.width, photo.height) / aspect**0.5
    width = min(height * aspect, float(photo.width))
    xs, ys = (_starts(size, part) for size, part in ((photo.width, width), (photo.height, height)))
    x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
    boxes = np.stack([x, y, x + width, y + height], 1)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 - np.array([photo.width, photo.height]) / 2
    return np.asarray(boxes[np.argsort(np.linalg.norm(middle, axis=1), kind="stable")], np.float64)


def _starts(size: int, part: float) -> NDArray[np.float64]:
    steps = max(1, round(2 * (size - part) / part) + 1)
    return np.linspace(0.0, max(0.0, size - part), steps)


class SelectiveSearch:
    """Selective search (Uijlings et al. 2013), fast mode, as OpenCV's contributed modules have it."""

    name = "selective search (OpenCV, fast)"

    def propose(self, photo: Photo) -> Proposed:
        """Its boxes in its own order, which is random by design and seeded here."""
        cv2.setRNGSeed(0)
        small = photo.fit(_SEARCH_PX)
        search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()  # type: ignore[attr-defined]
        search.setBaseImage(np.ascontiguousarray(small.pixels[..., ::-1]))
        search.switchToSelectiveSearchFast()
        found = np.asarray(search.process(), np.float64).reshape(-1, 4)[:MOST]
        boxes = np.hstack([found[:, :2], found[:, :2] + found[:, 2:]]) * (photo.width / small.width)
        return Proposed(boxes, -np.arange(len(boxes), dtype=np.float64))


class Detected:
    """The bundle's detector of marks alone."""

    name = "our detector"

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def propose(self, photo: Photo) -> Proposed:
        """Its detections, by its own score."""
        found = self._detector.detect(photo.pixels)[:MOST]
        boxes = np.array([one.box for one in found]).reshape(-1, 4) * _scale(photo)
        return Proposed(boxes, np.array([one.score for one in found]))


class Mixed:
    """What an inspection embeds with a detector: the whole photo, the surest detections, then windows."""

    name = "detections, then windows"

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def propose(self, photo: Photo) -> Proposed:
        """Regions of `region.propose` with detections, 20 of them."""
        return _of_regions(region.propose(photo, 20, self._detector.detect(photo.pixels)), photo)


def _of_regions(regions: tuple[region.Region, ...], photo: Photo) -> Proposed:
    boxes = np.array([one.box for one in regions]) * _scale(photo)
    scores = np.array([one.score for one in regions])
    kept = keep(boxes, scores, 0.999, MOST)
    return Proposed(boxes[kept], scores[kept])


def _scale(photo: Photo) -> NDArray[np.float64]:
    return np.array([photo.width, photo.height] * 2, np.float64)
