"""Materials: what a product's surface looks like under even light, as a shade around 1 per pixel.

All fields are float32 [S, S] on a square canvas; coordinates run -1..1 from its upper left.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.noise import Field, octaves, smoothstep, streaks

Rng = np.random.Generator


def plane(side_px: int) -> tuple[Field, Field]:
    """Full coordinate fields y, x [S, S], -1..1."""
    line = np.linspace(-1.0, 1.0, side_px, dtype=np.float32)
    y, x = np.meshgrid(line, line, indexing="ij")
    return np.asarray(y, np.float32), np.asarray(x, np.float32)


# --- shades -------------------------------------------------------------------------------------


def paint(side_px: int, rng: Rng) -> Field:
    """Lacquer: broad soft reflections of the surroundings."""
    bands = streaks(side_px, side_px, 2, int(rng.integers(3, 6)), rng)
    return _shade(1.0 + 0.09 * _turned(bands, rng))


def plastic(side_px: int, rng: Rng) -> Field:
    """Moulded plastic: fine even grain."""
    return _shade(
        1.0 + 0.03 * octaves(side_px, side_px, side_px / 3, 1, rng) + 0.04 * octaves(side_px, side_px, 2, 1, rng)
    )


def brushed(side_px: int, rng: Rng) -> Field:
    """Brushed metal: long streaks under broad bright bands."""
    fine = streaks(side_px, side_px, 4, side_px // 2, rng)
    broad = streaks(side_px, side_px, 2, 6, rng)
    return _shade(1.0 + _turned(0.06 * fine + 0.13 * broad, rng))


def turned_metal(side_px: int, rng: Rng) -> Field:
    """Metal turned on a lathe: brightness depends on the angle about the centre."""
    y, x = plane(side_px)
    fan = rng.standard_normal(12).astype(np.float32)
    wheel = np.interp(np.arctan2(y, x), np.linspace(-np.pi, np.pi, 13), np.append(fan, fan[0]))
    rings = np.sin(np.hypot(x, y) * np.float32(rng.uniform(150, 260)))
    return _shade(1.0 + 0.1 * wheel + 0.025 * rings)


def leather(side_px: int, rng: Rng) -> Field:
    """Grained leather: cells about jittered seeds, dark in the creases between them."""
    seeds = np.full((side_px, side_px), 255, np.uint8)
    pitch_px = rng.uniform(5.0, 9.0)
    nodes = np.arange(0.0, side_px, pitch_px)
    rows, columns = (axis + rng.uniform(0.0, 0.9 * pitch_px, axis.shape) for axis in np.meshgrid(nodes, nodes))
    seeds[np.minimum(rows, side_px - 1).astype(int), np.minimum(columns, side_px - 1).astype(int)] = 0
    creases = cv2.GaussianBlur(cv2.distanceTransform(seeds, cv2.DIST_L2, 3), (0, 0), 0.8)
    grain = (creases.mean() - creases) / max(float(creases.std()), 1e-3)
    return _shade(1.0 + 0.035 * grain + 0.05 * octaves(side_px, side_px, 2.5, 2, rng))


def woven(side_px: int, rng: Rng) -> Field:
    """Woven cloth: two sets of threads of uneven thickness, and the soft shade of folds."""
    pitch_px = rng.uniform(4.0, 8.0)
    grid = np.arange(side_px, dtype=np.float32)
    bend = octaves(side_px, side_px, 4.0, 1, rng)
    weft = np.sin((grid[:, None] + bend) * np.float32(2 * np.pi / pitch_px))
    warp = np.sin((grid[None, :] + bend) * np.float32(2 * np.pi / pitch_px))
    slub = streaks(side_px, side_px, 12, side_px // 4, rng) + streaks(side_px, side_px, 12, side_px // 4, rng).T
    folds = octaves(side_px, side_px, 1.6, 2, rng)
    return _shade(1.0 + 0.07 * weft * warp + 0.025 * slub + 0.08 * folds)


def knitted(side_px: int, rng: Rng) -> Field:
    """Knitted cloth: columns of V-shaped loops, and the soft shade of folds."""
    pitch_px = rng.uniform(6.0, 11.0)
    grid = np.arange(side_px, dtype=np.float32)
    lean = np.abs(((grid[None, :] / pitch_px) % 1.0) - 0.5) * 2.0
    loops = np.sin((grid[:, None] / np.float32(pitch_px) + lean * 0.8) * np.float32(2 * np.pi)) * (0.4 + 0.6 * lean)
    return _shade(1.0 + 0.08 * loops + 0.09 * octaves(side_px, side_px, 1.6, 2, rng))


def paper(side_px: int, rng: Rng) -> Field:
    """Card or paper: faint fibres."""
    return _shade(
        1.0 + 0.012 * octaves(side_px, side_px, side_px / 4, 2, rng) + 0.02 * octaves(side_px, side_px, 2, 1, rng)
    )


def satin(side_px: int, rng: Rng) -> Field:
    """Woven satin, as sewn-in labels are: fine ribs and a sheen."""
    pitch_px = rng.uniform(2.6, 4.5)
    ribs = np.sin(np.arange(side_px, dtype=np.float32) * np.float32(2 * np.pi / pitch_px))[:, None]
    return _shade(1.0 + 0.05 * ribs + 0.06 * octaves(side_px, side_px, 1.6, 1, rng))


def _shade(field: NDArray[np.floating]) -> Field:
    return np.asarray(np.clip(field, 0.3, 1.7), np.float32)


def _turned(field: Field, rng: Rng) -> Field:
    side = field.shape[0]
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(0, 180)), 1.5)
    return np.asarray(cv2.warpAffine(field, matrix, (side, side), borderMode=cv2.BORDER_REFLECT), np.float32)


# --- forms: signed distance to an outline, negative inside, in canvas halves --------------------


def disc(side_px: int, radius: float) -> Field:
    """Distance to a circle about the centre."""
    y, x = plane(side_px)
    return np.asarray(np.hypot(x, y) - np.float32(radius), np.float32)


def rounded(side_px: int, half_width: float, half_height: float, corner: float, shift_y: float = 0.0) -> Field:
    """Distance to a rectangle with rounded corners."""
    y, x = plane(side_px)
    qx = np.abs(x) - np.float32(half_width - corner)
    qy = np.abs(y - np.float32(shift_y)) - np.float32(half_height - corner)
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    return np.asarray(outside + np.minimum(np.maximum(qx, qy), 0) - np.float32(corner), np.float32)


def outline(mask: NDArray[np.bool_]) -> Field:
    """Distance to the edge of any mask [S, S]."""
    half = np.float32(mask.shape[0] / 2)
    inside = mask.astype(np.uint8)
    outer = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    signed = outer - cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    return np.asarray(cv2.GaussianBlur(signed, (0, 0), 2.5) / half, np.float32)  # blurred: pixels make poor slopes


def cover(distance: Field) -> Field:
    """Alpha 0..1 of a form, with a pixel of smoothing at its edge."""
    return np.asarray(np.clip(0.5 - distance * np.float32(distance.shape[0] / 2), 0.0, 1.0), np.float32)


def bevel(distance: Field, width: float, strength: float, lamp_rad: float) -> Field:
    """Shade of a form whose rim slopes down over `width`, lit from `lamp_rad`; 1 where it is level."""
    height = smoothstep(-distance / np.float32(width))
    return relief(height, strength * width * distance.shape[0] / 2, lamp_rad)


def relief(height: Field, strength: float, lamp_rad: float) -> Field:
    """Shade of a height field (height per pixel, scaled by `strength`) under a grazing lamp."""
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    slope = np.float32(np.cos(lamp_rad)) * dx + np.float32(np.sin(lamp_rad)) * dy
    return _shade(1.0 - np.float32(strength) * slope)
