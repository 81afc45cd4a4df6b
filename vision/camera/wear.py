"""Wear and mishap: scratches on the object, things that lie across it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.backdrop import tone
from vision.camera.conditions import Conditions
from vision.camera.pose import Matrix, extent

Rng = np.random.Generator
Light = NDArray[np.float32]  # [H, W, 3] linear


def scratch(light: Light, mark_px: Matrix, conditions: Conditions, rng: Rng) -> Light:
    """The scene with up to `max_scratches` thin bright or dark lines across the mark's corners [4, 2]."""
    count = int(rng.integers(0, conditions.max_scratches + 1))
    low, high = extent(mark_px)
    veil = np.zeros(light.shape[:2], np.float32)
    for _ in range(count):
        path = rng.uniform(low, high) + np.cumsum(rng.normal(0.0, 0.05, (4, 2)) * (high - low), axis=0)
        cv2.polylines(veil, [path.astype(np.int32)], False, float(rng.uniform(0.2, 0.8)), 1, cv2.LINE_AA)
    shade = np.float32(rng.choice([0.02, 0.7]))
    return light + veil[..., None] * (shade - light) if count else light


def occlude(light: Light, mark_px: Matrix, conditions: Conditions, rng: Rng) -> Light:
    """The scene with, by chance, a finger, strap or sticker across an edge of the mark."""
    if rng.random() >= conditions.occlusion_chance:
        return light
    low, high = extent(mark_px)
    size = high - low
    share = rng.uniform(*conditions.occlusion)
    form = rng.choice(["finger", "strap", "sticker"])
    cover = np.zeros(light.shape[:2], np.float32)
    side = int(rng.integers(0, 4))
    edge = low + size * np.array([(0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0)])[side]
    inward = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])[side]
    slide = np.abs(inward[::-1]) * size * rng.uniform(-0.35, 0.35)
    _draw_cover(cover, str(form), edge + slide, inward, size, share, rng)
    soft = np.asarray(cv2.GaussianBlur(cover, (0, 0), 1.0 + 0.004 * float(size.max())), np.float32)
    colour = _skin(rng) if form == "finger" else tone(rng, 0.02, 0.9, 1.0)
    return np.asarray(light + soft[..., None] * (colour - light), np.float32)


def _draw_cover(cover: Light, form: str, at: Matrix, inward: Matrix, size: Matrix, share: float, rng: Rng) -> None:
    """Fills `cover` with a shape that hides about `share` of the mark's box."""
    span = np.sqrt(size[0] * size[1])
    if form == "finger":
        width = span * np.sqrt(share) * rng.uniform(0.8, 1.1)
        tip = at + inward * share * span * span / width
        cv2.line(cover, _point(tip), _point(at - inward * span), 1.0, max(1, int(width)), cv2.LINE_AA)
        return
    long, short = (
        (span * 1.2, share * span) if form == "strap" else (span * np.sqrt(share) * 1.5, span * np.sqrt(share))
    )
    centre = at + inward * short / 2
    turn = float(rng.uniform(-25, 25)) + (0.0 if inward[0] == 0 else 90.0)
    box = cv2.boxPoints(((float(centre[0]), float(centre[1])), (float(long), float(short)), turn))
    cv2.fillConvexPoly(cover, box.astype(np.int32), 1.0, cv2.LINE_AA)


def _point(at: Matrix) -> tuple[int, int]:
    return int(at[0]), int(at[1])


def _skin(rng: Rng) -> Light:
    return np.asarray(np.array([0.6, 0.36, 0.26]) * rng.uniform(0.15, 1.0), np.float32)
