"""Products: mounts a mark on the goods that carry it, without changing the mark's design.

`mount(artwork, product, rng)` gives a canvas for the camera. The body is decided by the genuine artwork
(`genuine=`), so that with one seed a forgery sits on exactly the body its original would.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import ground, material
from training.synthesis.body import BODIES, OUTLINE_SHARE, Body, Outline
from vision.camera.noise import Field

PRODUCTS: tuple[str, ...] = tuple(BODIES)

Rgba = NDArray[np.uint8]  # [h, w, 4], straight alpha
Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions
Rng = np.random.Generator

_BEYOND = 0.35  # how far, in canvas sides, an endless surface goes on beyond each edge


@dataclass(frozen=True, eq=False)
class Mounted:
    """A product that carries a mark. Boxes are fractions of the canvas and may reach beyond it."""

    canvas: Rgba  # [S, S, 4]
    box: Box  # where the whole artwork lies, its transparent margin included
    mark: Box  # where the genuine artwork's visible part lies


@dataclass(frozen=True, eq=False)
class Inlay:
    """The mark scaled and placed on the canvas, before any finish."""

    colour: NDArray[np.float32]  # [S, S, 3] sRGB 0..1
    alpha: Field  # [S, S]
    lamp_rad: float

    @property
    def luminance(self) -> Field:
        """[S, S] 0..1"""
        return np.asarray(self.colour @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def mount(
    artwork: Rgba, product: str, rng: Rng, finish: str = "printed", genuine: Rgba | None = None, side_px: int = 640
) -> Mounted:
    """The artwork on a product of one of `PRODUCTS`, in one of `FINISHES`, on a square canvas of `side_px`
    (more where the surface goes on). ValueError for others.

    `genuine`, of the artwork's size, decides the body's colour and form and the mark's place. Draws from `rng`
    do not depend on the artwork.
    """
    if product not in BODIES or finish not in FINISHES:
        raise ValueError(f"{finish!r} on {product!r}: choose of {', '.join(FINISHES)} and {', '.join(PRODUCTS)}")
    original = artwork if genuine is None else genuine
    tight = _visible_box(original)
    body_rng, ink_rng = (np.random.default_rng(seed) for seed in rng.integers(0, 2**63, 2))
    colour = ground.choose(original, product, body_rng)
    body = BODIES[product](colour, _outline(original, tight, side_px), body_rng)
    placing = _placing(tight, body, side_px)
    inlay = _inlay(artwork, placing, side_px, float(ink_rng.uniform(-2.8, -0.3)))
    canvas = _inked(FINISHES[finish](inlay, body, ink_rng), inlay, body)
    margin = round(_BEYOND * side_px) if body.endless else 0
    box, mark = (_placed(part, placing, side_px, margin) for part in ((0, 0, *artwork.shape[1::-1]), tight))
    return Mounted(_spread(canvas, body, margin), box, mark)


# --- placing ------------------------------------------------------------------------------------


def _visible_box(artwork: Rgba) -> tuple[int, int, int, int]:
    """x0 y0 x1 y1 px around all that is not transparent; the whole picture if nothing is."""
    visible = (artwork[..., 3] > 8).astype(np.uint8)
    if not visible.any():
        return 0, 0, artwork.shape[1], artwork.shape[0]
    x, y, width, height = cv2.boundingRect(visible)
    return x, y, x + width, y + height


def _placing(tight: tuple[int, int, int, int], body: Body, side_px: int) -> NDArray[np.float64]:
    """[2, 3] artwork px to canvas px: the visible part as large as fits the body's face, in its middle."""
    x0, y0, x1, y1 = tight
    face_x0, face_y0, face_x1, face_y1 = (side_px * edge for edge in body.face)
    room = min(face_x1 - face_x0, face_y1 - face_y0)
    scale = room / (np.hypot(x1 - x0, y1 - y0) if body.round_face else max(x1 - x0, y1 - y0))
    shift_x = (face_x0 + face_x1) / 2 - scale * (x0 + x1) / 2
    shift_y = (face_y0 + face_y1) / 2 - scale * (y0 + y1) / 2
    return np.array([[scale, 0.0, shift_x], [0.0, scale, shift_y]])


def _placed(box: tuple[int, int, int, int], placing: NDArray[np.float64], side_px: int, margin: int) -> Box:
    """An artwork box in fractions of the canvas, once `margin` px are added on each side."""
    corners = placing[0, 0] * np.array(box) + np.tile(placing[:, 2], 2) + margin
    x0, y0, x1, y1 = (float(edge) for edge in corners / (side_px + 2 * margin))
    return x0, y0, x1, y1


def _inlay(artwork: Rgba, placing: NDArray[np.float64], side_px: int, lamp_rad: float) -> Inlay:
    """The artwork carried to its place, colours kept clean at the edges by working with premultiplied alpha."""
    alpha = artwork[..., 3:].astype(np.float32) / np.float32(255.0)
    layer = np.concatenate([artwork[..., :3].astype(np.float32) / np.float32(255.0) * alpha, alpha], axis=2)
    shrink = float(placing[0, 0])
    if shrink < 1.0:
        layer = cv2.GaussianBlur(layer, (0, 0), 0.45 / shrink)
    # px centres: a point (x + 0.5) of the artwork goes to scale * (x + 0.5) + shift
    matrix = placing + np.array([[0.0, 0.0, 0.5 * shrink - 0.5], [0.0, 0.0, 0.5 * shrink - 0.5]])
    placed = np.asarray(cv2.warpAffine(layer, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR), np.float32)
    colour = placed[..., :3] / np.maximum(placed[..., 3:], np.float32(1e-3))
    return Inlay(np.clip(colour, 0.0, 1.0), np.ascontiguousarray(placed[..., 3]), lamp_rad)


def _outline(artwork: Rgba, tight: tuple[int, int, int, int], side_px: int) -> Outline:
    """The mark's outline on the canvas, its small gaps closed, its separate parts within one hull."""
    x0, y0, x1, y1 = tight
    scale = OUTLINE_SHARE * side_px / max(x1 - x0, y1 - y0)
    centre = side_px / 2
    matrix = np.array([[scale, 0.0, centre - scale * (x0 + x1) / 2], [0.0, scale, centre - scale * (y0 + y1) / 2]])
    solid = (cv2.warpAffine(artwork[..., 3], matrix, (side_px, side_px)) > 128).astype(np.uint8)
    joined = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((max(3, side_px // 12) | 1,) * 2, np.uint8))
    contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return Outline(np.ones((side_px, side_px), np.float32), 0.0)
    hull = cv2.convexHull(np.vstack(contours))
    filled = np.zeros((side_px, side_px), np.float32)
    cv2.fillPoly(filled, [hull] if len(contours) > 1 else list(contours), 1.0)
    return Outline(filled, float(solid.sum()) / max(1.0, float(cv2.contourArea(hull))))


# --- finishes: the colour [S, S, 3] that the mark takes on the body ------------------------------


def _printed(inlay: Inlay, body: Body, rng: Rng) -> NDArray[np.float32]:
    """The mark in its own colours."""
    return inlay.colour


def _embossed(inlay: Inlay, body: Body, rng: Rng) -> NDArray[np.float32]:
    """The mark pressed into the body: the body's colour, its lines by relief and a slight darkening."""
    height = cv2.GaussianBlur(inlay.luminance * inlay.alpha, (0, 0), 1.5)
    depth = np.float32(rng.uniform(0.75, 0.9))
    pressed = material.relief(np.asarray(height, np.float32), -5.0, inlay.lamp_rad) * (depth + 0.15 * inlay.luminance)
    return np.asarray(np.clip(body.colour * (pressed / body.texture)[..., None], 0.0, 1.0), np.float32)


def _metal(inlay: Inlay, body: Body, rng: Rng) -> NDArray[np.float32]:
    """The mark cast in chrome, gold or black metal: its tones kept, its hues not."""
    tint = np.array(((0.95, 0.96, 1.0), (1.0, 0.82, 0.5), (0.5, 0.5, 0.53))[rng.integers(3)], np.float32)
    sheen = material.brushed(inlay.alpha.shape[0], rng)
    return np.asarray(np.clip(tint * ((0.25 + 0.7 * inlay.luminance) * sheen)[..., None], 0.0, 1.0), np.float32)


def _monochrome(inlay: Inlay, body: Body, rng: Rng) -> NDArray[np.float32]:
    """The mark in tones of one ink, dark on light bodies and light on dark ones."""
    light_body = float(np.median(body.colour)) > 0.45
    tone = 0.05 + 0.45 * inlay.luminance if light_body else 0.95 - 0.45 * (1.0 - inlay.luminance)
    return np.repeat(np.asarray(tone, np.float32)[..., None], 3, axis=2)


Finish = Callable[[Inlay, Body, Rng], NDArray[np.float32]]
FINISHES: Mapping[str, Finish] = MappingProxyType(
    {"printed": _printed, "embossed": _embossed, "metal": _metal, "monochrome": _monochrome}
)


# --- putting the ink on -------------------------------------------------------------------------


def _inked(ink: NDArray[np.float32], inlay: Inlay, body: Body) -> Rgba:
    """The body with the mark on it: texture shows through, edges catch light, a raised mark throws a shadow."""
    shade = 1.0 + 0.7 * (body.texture - 1.0)
    if body.stitched:
        shade = shade * _embroidery(inlay)
    height = np.asarray(cv2.GaussianBlur(inlay.alpha, (0, 0), 1.0 + 1.5 * body.relief), np.float32)
    shade = shade * material.relief(height, 3.0 * body.relief, inlay.lamp_rad)
    alpha = inlay.alpha[..., None]
    ground_shade = 1.0 - 0.5 * body.relief * _thrown(inlay, body.relief)
    colour = ink * shade[..., None] * alpha + body.colour * ground_shade[..., None] * (1.0 - alpha)
    cover = np.maximum(body.alpha, inlay.alpha)[..., None]
    return np.asarray(np.clip(np.concatenate([colour, cover], axis=2) * 255.0 + 0.5, 0.0, 255.0), np.uint8)


def _spread(canvas: Rgba, body: Body, margin: int) -> Rgba:
    """The canvas with the blank body carried on, mirrored, beyond its edges."""
    if margin == 0:
        return canvas
    blank = (np.dstack([body.colour, body.alpha]) * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)
    wide = np.asarray(cv2.copyMakeBorder(blank, *(margin,) * 4, cv2.BORDER_REFLECT), np.uint8)
    wide[margin:-margin, margin:-margin] = canvas
    return wide


def _embroidery(inlay: Inlay) -> NDArray[np.float32]:
    """Satin stitch: fine slanted threads, as a shade about 1."""
    side = inlay.alpha.shape[0]
    grid = np.arange(side, dtype=np.float32)
    return np.asarray(1.0 + 0.1 * np.sin((grid[:, None] * 0.94 + grid[None, :] * 0.34) * (2 * np.pi / 3.6)), np.float32)


def _thrown(inlay: Inlay, relief: float) -> Field:
    """The mark's soft shadow on its body, away from the lamp."""
    reach = 1.0 + 5.0 * relief
    away = -reach * np.array([np.cos(inlay.lamp_rad), np.sin(inlay.lamp_rad)])
    moved = cv2.warpAffine(inlay.alpha, np.array([[1.0, 0.0, away[0]], [0.0, 1.0, away[1]]]), inlay.alpha.shape[::-1])
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), reach * 0.7), np.float32)
