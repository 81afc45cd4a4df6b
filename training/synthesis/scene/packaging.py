"""Packaging: boxes, pouches, bottles, cards and posters, printed with a mark, with words, or with both."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import ground, material
from training.synthesis.scene import lettering
from training.synthesis.scene.imprint import Imprint
from training.synthesis.scene.thing import Borne, Box, Paint, Thing, finished, ink, put, rounded
from vision.camera.backdrop import tone
from vision.camera.colour import to_srgb
from vision.camera.noise import Field

Rng = np.random.Generator
Colour = NDArray[np.float32]  # [3] sRGB 0..1


def pack(imprint: Imprint | None, side_px: int, rng: Rng) -> Thing:
    """One of `PACKS`, by chance."""
    return PACKS[str(rng.choice(list(PACKS)))](imprint, side_px, rng)


def box(imprint: Imprint | None, side_px: int, rng: Rng) -> Thing:
    """The front of a carton."""
    width, height = _sides(side_px, float(rng.uniform(0.5, 1.6)))
    paint, colour = _panel(imprint, width, height, rng)
    return _printed(imprint, "box", paint, colour, rng)


def pouch(imprint: Imprint | None, side_px: int, rng: Rng) -> Thing:
    """A bag of foil, welded above and below, its middle bulging."""
    width, height = _sides(side_px, float(rng.uniform(0.6, 0.85)))
    paint, colour = _panel(imprint, width, height, rng)
    thing = _printed(imprint, "pouch", paint, colour, rng)
    y = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    x = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :]
    crinkle = material.brushed(max(width, height), rng)[:height, :width]
    weld = 1.0 - 0.25 * ((y < 0.05) | (y > 0.95)) * (np.sin(x * width) > 0)
    shade = (1.05 - 0.35 * np.abs(x) ** 3) * weld * (0.6 + 0.4 * crinkle)
    return Thing(_shaded(thing.canvas, np.asarray(shade, np.float32)), thing.marks)


def bottle(imprint: Imprint | None, side_px: int, rng: Rng) -> Thing:
    """A bottle, jar or tin: a bent label between a coloured top and bottom."""
    width, height = _sides(side_px, float(rng.uniform(0.35, 0.7)))
    paint = np.empty((height, width, 3), np.float32)
    paint[:] = _srgb(tone(rng, 0.02, 0.8, 1.2))
    top, bottom = int(height * rng.uniform(0.2, 0.4)), int(height * rng.uniform(0.8, 0.97))
    label, colour = _panel(imprint, width, bottom - top, rng)
    # of a label wrapped round, only what faces the lens is read
    inner = _printed(imprint, "bottle", label, colour, rng, most=0.6)
    paint[top:bottom] = inner.canvas[..., :3].astype(np.float32) / 255
    neck = int(width * rng.uniform(0.0, 0.3))
    alpha = rounded(width, height, int(width * rng.uniform(0.03, 0.2)))
    shoulder = int(top * rng.uniform(0.5, 0.8))
    alpha[:shoulder, :neck] = 0.0
    alpha[:shoulder, width - neck :] = 0.0
    paint[: shoulder // 2] = _srgb(tone(rng, 0.02, 0.9, 1.2))
    marks = tuple(Borne(m.imprint, m.product, _lower(m.box, top, bottom, height)) for m in inner.marks)
    return Thing(finished(paint, alpha), marks, bend=float(rng.uniform(1.6, 2.6)))


def card(imprint: Imprint | None, side_px: int, rng: Rng) -> Thing:
    """A card, leaflet or poster: words, and the mark small or large."""
    width, height = _sides(side_px, float(rng.choice([0.7, 1.4, 1.6])))
    paint, colour = _panel(imprint, width, height, rng, plain=True)
    return _printed(imprint, "card", paint, colour, rng)


PACKS: Mapping[str, Callable[[Imprint | None, int, Rng], Thing]] = MappingProxyType(
    {"box": box, "pouch": pouch, "bottle": bottle, "card": card}
)


# --- the printed panel ----------------------------------------------------------------------------


def _sides(side_px: int, aspect: float) -> tuple[int, int]:
    """(width, height) px of a panel of width over height `aspect`, its longer side `side_px`."""
    longer = max(1.0, aspect), max(1.0, 1.0 / aspect)
    return max(24, round(side_px * aspect / longer[0])), max(24, round(side_px / longer[0]))


def _srgb(light: NDArray[np.float32]) -> Colour:
    return to_srgb(light)


def _panel(imprint: Imprint | None, width: int, height: int, rng: Rng, plain: bool = False) -> tuple[Paint, Colour]:
    """A printed ground on which the mark can be seen, and its main colour."""
    colour = _srgb(tone(rng, 0.05, 0.9, 1.0))
    if imprint is not None:
        colour = ground.choose(imprint.genuine, str(rng.choice(["label", "garment"])), rng)
    paint = np.empty((height, width, 3), np.float32)
    paint[:] = colour
    if not plain:
        _decorate(paint, rng)
    texture = material.paper(max(width, height), rng)[:height, :width]
    return np.asarray(paint * texture[..., None], np.float32), colour


def _decorate(paint: Paint, rng: Rng) -> None:
    """Bands, discs and stripes along the edges, away from the middle."""
    height, width = paint.shape[:2]
    for _ in range(int(rng.integers(0, 4))):
        colour = tuple(float(c) for c in _srgb(tone(rng, 0.02, 0.9, 1.4)))
        kind = int(rng.integers(4))
        if kind == 0:
            edge = int(height * rng.uniform(0.05, 0.25))
            paint[-edge:] = colour
        elif kind == 1:
            edge = int(height * rng.uniform(0.03, 0.15))
            paint[:edge] = colour
        elif kind == 2:
            centre = int(rng.choice([0, width])), int(rng.choice([0, height]))
            cv2.circle(paint, centre, int(min(width, height) * rng.uniform(0.15, 0.45)), colour, -1, cv2.LINE_AA)
        else:
            x = int(width * rng.uniform(0.0, 0.12))
            cv2.rectangle(paint, (x, 0), (x + max(1, width // 30), height), colour, -1)


def _printed(
    imprint: Imprint | None, product: str, paint: Paint, colour: Colour, rng: Rng, most: float = 0.85
) -> Thing:
    """The panel with its mark and its words."""
    height, width = paint.shape[:2]
    side = min(width * rng.uniform(0.35, most), height * rng.uniform(0.3, 0.75))
    top = (height - side) * rng.uniform(0.05, 0.6)
    dark = float(colour.mean()) > 0.5
    _words(paint, (int(top + side) if imprint is not None else int(height * 0.15), height), dark, rng)
    if rng.random() < 0.3:
        _barcode(paint, rng)
    if imprint is None:
        return Thing(finished(paint))
    placed: Box = put(paint, imprint, (width - side) / 2, top, side)
    return Thing(finished(paint), (Borne(imprint, product, placed),))


def _words(paint: Paint, rows: tuple[int, int], dark: bool, rng: Rng) -> None:
    """Lines of words between two rows, some large, most small."""
    width = paint.shape[1]
    top, bottom = rows[0] + 2, int(rows[1] * 0.95)
    ink_colour = np.full(3, rng.uniform(0.02, 0.25) if dark else rng.uniform(0.8, 1.0), np.float32)
    for _ in range(int(rng.integers(0, 6))):
        line_px = float(width * rng.choice([0.03, 0.04, 0.06, 0.1], p=[0.35, 0.35, 0.2, 0.1]))
        if line_px < 3 or top + line_px > bottom:
            return
        cover = lettering.written(lettering.phrase(rng), line_px, rng)
        if cover.shape[1] < width:
            left = (width - cover.shape[1]) // 2 if rng.random() < 0.7 else int(width * 0.06)
            ink(paint, ink_colour, cover, left, int(top))
        top += int(line_px * rng.uniform(1.4, 2.2))


def _barcode(paint: Paint, rng: Rng) -> None:
    height, width = paint.shape[:2]
    across, down = int(width * rng.uniform(0.15, 0.25)), int(height * rng.uniform(0.06, 0.12))
    if across < 10 or down < 5:
        return
    left, top = int(width * rng.uniform(0.02, 0.75)), int(height * rng.uniform(0.82, 0.88))
    paint[top - 2 : top + down + 2, left - 2 : left + across + 2] = 0.95
    ink(paint, np.full(3, 0.05, np.float32), lettering.barcode(across, down, rng), left, top)


def _lower(box: Box, top: int, bottom: int, height: int) -> Box:
    """A label's box in fractions of the whole bottle."""
    share = (bottom - top) / height
    return box[0], top / height + box[1] * share, box[2], top / height + box[3] * share


def _shaded(canvas: NDArray[np.uint8], shade: Field) -> NDArray[np.uint8]:
    out = canvas.copy()
    out[..., :3] = np.clip(canvas[..., :3] * shade[..., None], 0, 255)
    return out
