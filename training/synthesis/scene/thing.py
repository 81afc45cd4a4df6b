"""Things: a canvas for the camera and the marks that it bears."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import artwork
from training.synthesis.body import BODIES
from training.synthesis.product import mount
from training.synthesis.scene.imprint import Imprint
from vision.camera.noise import Field

Rgba = NDArray[np.uint8]
Rng = np.random.Generator
Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions of the canvas

_EMPTY = np.zeros((64, 64, 4), np.uint8)  # the artwork of blank goods
GOODS = tuple(BODIES)


@dataclass(frozen=True, eq=False)
class Borne:
    """A mark on a thing."""

    imprint: Imprint
    product: str
    box: Box  # where the whole artwork lies, its transparent margin included


@dataclass(frozen=True, eq=False)
class Thing:
    """Something to lay into a picture. Its canvas is as a frontal view under even light would show it."""

    canvas: Rgba  # [h, w, 4] sRGB, straight alpha
    marks: tuple[Borne, ...] = ()
    endless: bool = False  # meant to fill the frame and go on beyond it
    bend: float = 0.0  # radians of a cylinder that its width spans

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px of the canvas."""
        return int(self.canvas.shape[1]), int(self.canvas.shape[0])


def goods(imprint: Imprint | None, product: str, finish: str, side_px: int, rng: Rng) -> Thing:
    """One of `GOODS` with the mark, or blank."""
    if imprint is None:
        return Thing(mount(_EMPTY, product, rng, side_px=side_px).canvas)
    mounted = mount(imprint.pixels, product, rng, finish, imprint.genuine, side_px)
    return Thing(mounted.canvas, (Borne(imprint, product, mounted.box),))


# --- printing on a canvas that is being made ------------------------------------------------------

Paint = NDArray[np.float32]  # [h, w, 3] sRGB 0..1


def put(paint: Paint, imprint: Imprint, x: float, y: float, side_px: float) -> Box:
    """Print the mark into `paint`, its artwork's square from x, y px -> that square in fractions."""
    height, width = paint.shape[:2]
    left, top, side = round(x), round(y), max(4, round(side_px))
    small = artwork.resize(imprint.pixels, side, side)
    ink(
        paint,
        small[..., :3].astype(np.float32) / np.float32(255),
        small[..., 3].astype(np.float32) / np.float32(255),
        left,
        top,
    )
    return left / width, top / height, (left + side) / width, (top + side) / height


def ink(paint: Paint, colour: NDArray[np.float32], alpha: Field, left: int, top: int) -> None:
    """Lay a colour, [3] or [h, w, 3], over `paint` where `alpha` [h, w] says; what juts out is cut off."""
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(paint.shape[1], left + alpha.shape[1]), min(paint.shape[0], top + alpha.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    rows, columns = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    tint = colour[rows, columns] if colour.ndim == 3 else colour
    part = paint[y0:y1, x0:x1]
    part += (tint - part) * alpha[rows, columns, None]


def finished(paint: Paint, alpha: Field | None = None) -> Rgba:
    """The canvas of what was painted."""
    cover = np.ones(paint.shape[:2], np.float32) if alpha is None else alpha
    return np.asarray(np.clip(np.dstack([paint, cover]) * 255.0 + 0.5, 0.0, 255.0), np.uint8)


def rounded(width: int, height: int, corner_px: int) -> Field:
    """Coverage [height, width] of a rectangle with rounded corners."""
    mask = np.zeros((height, width), np.uint8)
    reach = max(0, min(corner_px, (width - 2) // 2, (height - 2) // 2))
    cv2.rectangle(mask, (reach, 0), (width - 1 - reach, height - 1), 255, -1)
    cv2.rectangle(mask, (0, reach), (width - 1, height - 1 - reach), 255, -1)
    for x in (reach, width - 1 - reach):
        for y in (reach, height - 1 - reach):
            cv2.circle(mask, (x, y), reach, 255, -1, cv2.LINE_AA)
    return mask.astype(np.float32) / np.float32(255)
