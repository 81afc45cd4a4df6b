"""Typefaces that come inside Python packages: Pillow's own, matplotlib's where installed, OpenCV's strokes.

No font of the operating system is used, so one seed draws the same lettering on every machine with the
same packages.
"""

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_FACES = (
    "DejaVuSans DejaVuSans-Bold DejaVuSans-BoldOblique DejaVuSans-Oblique DejaVuSerif DejaVuSerif-Bold "
    "DejaVuSerif-BoldItalic DejaVuSerif-Italic DejaVuSansMono-Bold "
    "STIXGeneral STIXGeneralBol STIXGeneralBolIta STIXGeneralItalic cmr10 cmb10 cmss10 cmtt10 cmti10"
)
_HERSHEY = {
    "hershey-simplex": cv2.FONT_HERSHEY_SIMPLEX,
    "hershey-duplex": cv2.FONT_HERSHEY_DUPLEX,
    "hershey-triplex": cv2.FONT_HERSHEY_TRIPLEX,
    "hershey-script": cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
}
_TOP, _LEFT = 0.1, 0.25  # of the size: room for ascenders and for slanted first letters


@dataclass(frozen=True)
class Typeface:
    """A carried typeface: a font file, an OpenCV stroke font, or (neither) Pillow's own."""

    name: str
    file: Path | None = None
    strokes: int | None = None

    def draw(self, text: str, size_px: int, weight: float = 0.0, spacing: float = 0.0) -> NDArray[np.uint8]:
        """Coverage [h, w] 0..255 of `text`, trimmed to its ink.

        `weight` -1..1 thins or thickens by up to 4% of the size; `spacing`, in sizes, opens or closes the gaps
        between letters. A text without ink in this face gives an empty array of 1 x 1.
        """
        if self.strokes is not None:
            raw = self._stroked(text, size_px)
        else:
            raw = self._filled(text, size_px, spacing * size_px)
        return _trim(_weighted(raw, weight * 0.04 * size_px))

    def _filled(self, text: str, size_px: int, gap_px: float) -> NDArray[np.uint8]:
        font = _font(self.file, size_px)
        starts = np.cumsum([0.0] + [font.getlength(letter) + gap_px for letter in text])
        image = Image.new("L", (int(max(starts[-1], size_px) + 2 * _LEFT * size_px) + 4, int(size_px * 1.7)))
        pen = ImageDraw.Draw(image)
        pieces = [(0.0, text)] if gap_px == 0 else list(zip(starts, text, strict=False))
        for start, piece in pieces:
            pen.text((_LEFT * size_px + start, _TOP * size_px), piece, font=font, fill=255)
        return np.asarray(image, dtype=np.uint8)

    def _stroked(self, text: str, size_px: int) -> NDArray[np.uint8]:
        scale, thickness = size_px / 30, max(1, round(size_px / 11))
        assert self.strokes is not None
        (width, height), base = cv2.getTextSize(text, self.strokes, scale, thickness)
        pad = thickness + 2
        image = np.zeros((height + base + 2 * pad, width + 2 * pad), np.uint8)
        cv2.putText(image, text, (pad, pad + height), self.strokes, scale, 255, thickness, cv2.LINE_AA)
        return image


@functools.cache
def carried() -> tuple[Typeface, ...]:
    """Every typeface at hand, the same order each time; never empty."""
    own = (Typeface("pillow"),)
    return own + _matplotlib_faces() + tuple(Typeface(name, strokes=face) for name, face in _HERSHEY.items())


def _matplotlib_faces() -> tuple[Typeface, ...]:
    spec = importlib.util.find_spec("matplotlib")  # found, not imported: importing it is slow
    if spec is None or spec.origin is None:
        return ()
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    files = (folder / f"{name}.ttf" for name in _FACES.split())
    return tuple(Typeface(file.stem, file=file) for file in files if file.is_file())


@functools.lru_cache(maxsize=256)
def _font(file: Path | None, size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px) if file is None else ImageFont.truetype(str(file), size_px)


def _weighted(coverage: NDArray[np.uint8], grow_px: float) -> NDArray[np.uint8]:
    reach = round(abs(grow_px))
    if reach == 0:
        return coverage
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    padded = np.pad(coverage, reach + 1)
    changed = cv2.dilate(padded, disc) if grow_px > 0 else cv2.erode(padded, disc)
    return np.asarray(changed if changed.any() else padded, dtype=np.uint8)


def _trim(coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(coverage.any(1)), np.flatnonzero(coverage.any(0))
    if rows.size == 0:
        return np.zeros((1, 1), np.uint8)
    return coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
