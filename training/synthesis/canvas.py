"""The drawing board of fictional brands: covers (anti-aliased masks) of shapes and lettering, and paint on them.

Positions are in units about the middle of the square; `extent` units reach from the middle to where the
mark may end.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.palette import RGB, shaded
from training.synthesis.shapes import Shape

Cover = NDArray[np.float32]  # [S, S] 0..1
_FINE = 2  # supersampling of shapes, on top of anti-aliased edges
_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Fill:
    """Paint: one colour, or a run of colours along an angle or from a centre outwards."""

    colours: tuple[RGB, ...]  # at even steps
    angle_rad: float = np.pi / 2  # downwards
    radial: bool = False


def metal(base: RGB, angle_rad: float, rng: np.random.Generator) -> Fill:
    """Polished metal: light and dark of one colour by turns."""
    steps = int(rng.integers(3, 7))
    swing = rng.uniform(0.3, 0.75)
    factors = [1 + swing * (0.9 if place % 2 else -0.6) * rng.uniform(0.6, 1.0) for place in range(steps)]
    return Fill(tuple(shaded(base, factor) for factor in factors), angle_rad)


@dataclass(eq=False)
class Canvas:
    """A square of transparent ground that paint is laid on, layer by layer."""

    size_px: int
    extent: float
    layers: NDArray[np.float32] = field(init=False)  # [S, S, 4] premultiplied RGBA 0..1

    def __post_init__(self) -> None:
        self.layers = np.zeros((self.size_px, self.size_px, 4), np.float32)

    @property
    def unit_px(self) -> float:
        """Pixels a unit."""
        return 0.47 * self.size_px / self.extent

    # --- covers ---------------------------------------------------------------------------------

    def cover(self, shape: Shape, united: bool = False) -> Cover:
        """Where a shape lies: by the even-odd rule, or as the union of its polygons."""
        fine = np.zeros((self.size_px * _FINE, self.size_px * _FINE), np.uint8)
        points = [self._fixed(polygon) for polygon in shape]
        for group in [[one] for one in points] if united else [points]:
            cv2.fillPoly(fine, group, 255, cv2.LINE_AA, shift=_SUBPIXEL_BITS)
        return self._coarse(fine)

    def line(self, shape: Shape, width: float) -> Cover:
        """The outline of a shape drawn with a pen of `width` units."""
        fine = np.zeros((self.size_px * _FINE, self.size_px * _FINE), np.uint8)
        pen = max(1, round(width * self.unit_px * _FINE))
        points = [self._fixed(polygon) for polygon in shape]
        cv2.polylines(fine, points, True, 255, pen, cv2.LINE_AA, shift=_SUBPIXEL_BITS)
        return self._coarse(fine)

    def text(self, lettering: NDArray[np.uint8], at: tuple[float, float], height: float, lean: float = 0.0) -> Cover:
        """Drawn lettering [h, w] set at a place, `height` units high, leaning by `lean` of its height."""
        scale = height * self.unit_px / lettering.shape[0]
        x, y = (self.size_px / 2 + value * self.unit_px for value in at)
        middle_x, middle_y = lettering.shape[1] / 2, lettering.shape[0] / 2
        matrix = np.array([[scale, -lean * scale, 0.0], [0.0, scale, 0.0]])
        matrix[:, 2] = np.array([x, y]) - matrix[:, :2] @ (middle_x, middle_y)
        small = _for_scale(lettering, scale)
        matrix[:, :2] *= lettering.shape[0] / small.shape[0]
        cover = cv2.warpAffine(small, matrix, (self.size_px, self.size_px), flags=cv2.INTER_LINEAR)
        return np.asarray(cover / np.float32(255), dtype=np.float32)

    def arc(self, lettering: NDArray[np.uint8], radius: float, height: float, below: bool) -> Cover:
        """Lettering bent about the middle, its baseline at `radius` units: over the top, or along the bottom."""
        scale = height * self.unit_px / lettering.shape[0]
        strip = _for_scale(lettering, scale)
        rows, columns = np.mgrid[: self.size_px, : self.size_px].astype(np.float32) - np.float32(self.size_px / 2)
        distance = np.hypot(columns, rows)
        angle = np.arctan2(columns, rows if below else -rows)
        middle_px = (radius + (-height / 2 if below else height / 2)) * self.unit_px
        per_px = strip.shape[0] / (height * self.unit_px)
        across = angle * middle_px * per_px + strip.shape[1] / 2
        base = (distance - radius * self.unit_px) * per_px
        down = base + strip.shape[0] if below else strip.shape[0] - base
        cover = cv2.remap(strip, across, down, cv2.INTER_LINEAR)
        return np.asarray(cover / np.float32(255), dtype=np.float32)

    def _fixed(self, polygon: NDArray[np.float64]) -> NDArray[np.int32]:
        pixels = (self.size_px / 2 + polygon * self.unit_px) * _FINE
        return np.asarray(np.round(pixels * 2**_SUBPIXEL_BITS), dtype=np.int32)

    def _coarse(self, fine: NDArray[np.uint8]) -> Cover:
        small = cv2.resize(fine, (self.size_px, self.size_px), interpolation=cv2.INTER_AREA)
        return np.asarray(small / np.float32(255), dtype=np.float32)

    # --- paint ----------------------------------------------------------------------------------

    def paint(self, cover: Cover, fill: Fill, relief: float = 0.0) -> None:
        """Lay paint on the cover; `relief` above zero lights its edges from the upper left, below zero sinks it."""
        window = _window(cover)
        if window is None:
            return
        inside = cover[window]
        colour = np.broadcast_to(self._colours(inside.shape, fill), (*inside.shape, 3))
        if relief:
            colour = np.clip(colour + self._shade(inside, relief)[..., None], 0, 1)
        weight = inside[..., None]
        paint = np.concatenate([colour * weight, weight], axis=2)
        self.layers[window] = paint + self.layers[window] * (1 - weight)

    def cut(self, cover: Cover) -> None:
        """Take away all paint where the cover is."""
        self.layers *= 1 - cover[..., None]

    def _colours(self, shape: tuple[int, ...], fill: Fill) -> NDArray[np.float32]:
        colours = np.asarray(fill.colours, dtype=np.float32)
        if len(colours) == 1:
            return colours[None]
        rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
        if fill.radial:
            along = np.hypot(rows + 0.2, columns + 0.15) / 1.4
        else:
            along = 0.5 + 0.5 * (columns * np.cos(fill.angle_rad) + rows * np.sin(fill.angle_rad))
        step = np.clip(along, 0, 1) * (len(colours) - 1)
        before = np.minimum(step.astype(np.int32), len(colours) - 2)
        share = (step - before)[..., None]
        return np.asarray(colours[before] * (1 - share) + colours[before + 1] * share, dtype=np.float32)

    def _shade(self, cover: Cover, relief: float) -> NDArray[np.float32]:
        """Light on a bevelled edge: brighter towards the upper left, darker towards the lower right. [h, w]"""
        soft = cv2.GaussianBlur(np.pad(cover, 1), (0, 0), max(0.8, self.size_px / 190))
        slope = cv2.Sobel(soft, cv2.CV_32F, 1, 0) * 0.6 + cv2.Sobel(soft, cv2.CV_32F, 0, 1)
        return np.asarray(slope[1:-1, 1:-1] * np.float32(0.6 * relief), dtype=np.float32)

    def pixels(self) -> NDArray[np.uint8]:
        """What is drawn, RGBA straight alpha. [S, S, 4]"""
        alpha = self.layers[..., 3:]
        colour = self.layers[..., :3] / np.maximum(alpha, 1e-3)
        return np.asarray(np.concatenate([colour, alpha], axis=2).clip(0, 1) * 255 + 0.5, dtype=np.uint8)


def _for_scale(lettering: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Reduced by area averaging where it will be drawn much smaller, so that thin strokes stay even."""
    if scale > 0.75:
        return lettering
    width, height = (max(2, round(side * scale)) for side in lettering.shape[::-1])
    return np.asarray(cv2.resize(lettering, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _window(cover: Cover) -> tuple[slice, slice] | None:
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    if rows.size == 0:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
