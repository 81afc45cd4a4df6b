"""Lettering: what a mark says against what its references say, read by an OCR library where the extra `ocr` is there.

It names the fault of a mark already flagged, and changes no score and no decision.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vision.faults import spelling
from vision.template import Template

SURE = 0.8  # confidence from which a reading is believed
LEAST_LETTERS = 3  # a monogram is drawn more freely than it is read
LEAST_HEIGHT_PX = 10.0  # of a line in the listing's photo; smaller letters are guessed
LEAST_DISTANCE = 0.9  # letters' worth: one that is not taken for another easily
LARGEST_SHARE = 0.6  # of the letters: beyond it the line is misread, or another's
AGREEING_SHARE = 2 / 3  # of the references that have a line there
READ_REFERENCES = 5  # of a template
KEPT_TEMPLATES = 256

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, px


@dataclass(frozen=True)
class Line:
    """One line of text in a picture."""

    text: str
    box: Box
    confidence: float  # 0..1


@dataclass(frozen=True)
class Misspelling:
    """A line of the listing that says other than the references' at its place."""

    reads: str
    references: str
    box: Box  # in the listing's frame
    distance: float  # letters' worth

    @property
    def words(self) -> str:
        """For a person."""
        return f"reads {self.reads!r}, references read {self.references!r}"


class Reader(Protocol):
    """Reads the text in a picture. Safe to share between threads."""

    def read(self, pixels: NDArray[np.uint8]) -> tuple[Line, ...]:
        """The lines in RGB pixels `[H, W, 3]`."""
        ...


class RapidReader:
    """RapidOCR with the models that its wheel carries: nothing is fetched. Loaded at the first reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Any = None

    def read(self, pixels: NDArray[np.uint8]) -> tuple[Line, ...]:
        """The lines in RGB pixels `[H, W, 3]`; one reading at a time, on one thread."""
        with self._lock:
            self._engine = self._engine or _rapid()
            found = self._engine(np.ascontiguousarray(pixels[..., ::-1]))
        if getattr(found, "boxes", None) is None or not found.txts:
            return ()
        return tuple(
            Line(text, _upright(corners), float(score))
            for text, corners, score in zip(found.txts, found.boxes, found.scores, strict=True)
        )


def _rapid() -> Any:
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    (detector,), (recogniser,) = models.glob("*_det_*.onnx"), models.glob("*_rec_*.onnx")
    threads = "EngineConfig.onnxruntime."
    settings = {"Global.log_level": "critical", "Global.use_cls": False}
    settings |= {f"{threads}intra_op_num_threads": 1, f"{threads}inter_op_num_threads": 1}
    settings |= {"Det.model_path": str(detector), "Rec.model_path": str(recogniser)}
    return rapidocr.RapidOCR(params=settings)


def _upright(corners: NDArray[np.float32]) -> Box:
    (x0, y0), (x1, y1) = np.min(corners, axis=0), np.max(corners, axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def reader() -> Reader | None:
    """A reader, or None without the extra `ocr`."""
    return RapidReader() if find_spec("rapidocr") else None


class Lettering:
    """Holds marks against what their references read; the references' readings are kept for the templates used last."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], tuple[Line, ...]] = OrderedDict()

    def differs(self, pixels: NDArray[np.uint8], magnification: float, template: Template) -> Misspelling | None:
        """The worst misspelling of a listing's mark `[S, S, 3]` in its template's frame, where one is believed.

        `magnification` is frame px per photo px. None where the references show no lettering or do not agree.
        """
        expected = self.expected(template)
        if not expected:
            return None
        read = [line for line in self._reader.read(pixels) if _is_believed(line, magnification)]
        pairs = [(line, there) for there in expected for line in read if _same_place(line.box, there.box)]
        found = [_held(line, there) for line, there in pairs]
        return max((f for f in found if f is not None), key=lambda f: f.distance, default=None)

    def expected(self, template: Template) -> tuple[Line, ...]:
        """What the template's references agree to say."""
        key = template.reference_ids
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        lines = agreed([self._reader.read(reference) for reference in template.stack[:READ_REFERENCES]])
        with self._lock:
            self._kept[key] = lines
            while len(self._kept) > KEPT_TEMPLATES:
                self._kept.popitem(last=False)
        return lines


def agreed(readings: Sequence[Sequence[Line]]) -> tuple[Line, ...]:
    """Lines that most references read alike, at least two: of each place the reading that most have."""
    lines = [line for reading in readings for line in reading if _is_believed(line)]
    agreed: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.confidence):
        if any(_same_place(line.box, other.box) for other in agreed):
            continue
        there = [other for other in lines if _same_place(line.box, other.box)]
        text, votes = Counter(spelling.normalised(other.text) for other in there).most_common(1)[0]
        if spelling.normalised(line.text) == text and votes >= max(2.0, AGREEING_SHARE * len(there)):
            agreed.append(line)
    return tuple(agreed)


def _is_believed(line: Line, magnification: float = 1.0) -> bool:
    height_px = (line.box[3] - line.box[1]) / max(magnification, 1.0)
    letters = len(spelling.normalised(line.text))
    return line.confidence >= SURE and letters >= LEAST_LETTERS and height_px >= LEAST_HEIGHT_PX


def _held(line: Line, expected: Line) -> Misspelling | None:
    distance, share = spelling.distance(line.text, expected.text), spelling.share(line.text, expected.text)
    if distance < LEAST_DISTANCE or share > LARGEST_SHARE:
        return None
    return Misspelling(line.text, expected.text, line.box, distance)


def _same_place(a: Box, b: Box) -> bool:
    """Whether two boxes share half of what both cover."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return False
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return width * height > 0.5 * (sum(areas) - width * height)
