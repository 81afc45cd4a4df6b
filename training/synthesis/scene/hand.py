"""Hands: drawn fingers, rounded by shading, in the colours of skin; they hold things from behind and in front."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.scene.picture import Picture
from vision.camera.noise import octaves

Rng = np.random.Generator
Point = NDArray[np.float64]  # [2] px
Light = NDArray[np.float32]

_FINGERS = ((-0.36, 0.86), (-0.12, 1.0), (0.13, 0.95), (0.36, 0.75))  # across the palm, length, in palm widths


@dataclass(frozen=True, eq=False)
class Hand:
    """A hand of `width_px` across the palm, its palm at `palm` px, pointing along `angle_rad`."""

    palm: Point
    width_px: float
    angle_rad: float
    skin: Light  # [3] linear
    seed: int

    @property
    def along(self) -> Point:
        """Unit vector from the wrist to the fingertips."""
        return np.array([np.cos(self.angle_rad), np.sin(self.angle_rad)])

    @property
    def across(self) -> Point:
        """Unit vector to the little finger's side."""
        return np.array([-np.sin(self.angle_rad), np.cos(self.angle_rad)])


def draw(palm: tuple[float, float], width_px: float, angle_rad: float, rng: Rng) -> Hand:
    """A hand of some complexion."""
    skin = np.asarray(complexion(rng), np.float32)
    return Hand(np.array(palm), width_px, angle_rad, skin, int(rng.integers(2**31)))


def complexion(rng: Rng) -> NDArray[np.float64]:
    """A colour of skin `[3]`, as linear light."""
    depth = float(rng.uniform(0.1, 1.0))
    return np.asarray(np.array([0.62, 0.36, 0.25]) * depth ** np.array([0.8, 1.0, 1.1]), np.float64)


def lay_palm(picture: Picture, hand: Hand) -> None:
    """Palm, wrist and forearm: what lies behind a thing that is held."""
    rng = np.random.default_rng([hand.seed, 0])
    back = hand.palm - hand.along * hand.width_px * 4.0
    wrist = hand.palm - hand.along * hand.width_px * 0.9
    _limb(picture, [back, wrist], hand.width_px * 0.72, hand, rng)
    inner = hand.palm - hand.along * hand.width_px * 0.35
    _limb(picture, [wrist, inner, hand.palm], hand.width_px * 0.98, hand, rng)


def lay_fingers(picture: Picture, hand: Hand, reach: float, which: Sequence[int] = (0, 1, 2, 3)) -> None:
    """Fingers from the palm on, `reach` of their full length."""
    rng = np.random.default_rng([hand.seed, 1])
    for index in which:
        shift, length = _FINGERS[index]
        base = hand.palm + hand.across * shift * hand.width_px
        spread = hand.along + hand.across * (0.25 * shift + rng.uniform(-0.06, 0.06))
        tip = base + spread * hand.width_px * length * reach
        _finger(picture, base, tip, hand.width_px * 0.25, hand, rng)


def lay_thumb(picture: Picture, hand: Hand, reach: float, side: int = -1) -> None:
    """The thumb, from the palm's side inwards."""
    rng = np.random.default_rng([hand.seed, 2])
    base = hand.palm + hand.across * side * 0.45 * hand.width_px - hand.along * 0.35 * hand.width_px
    way = 0.75 * hand.along - 0.35 * side * hand.across
    tip = base + way * hand.width_px * reach
    _finger(picture, base, tip, hand.width_px * 0.29, hand, rng)


def _finger(picture: Picture, base: Point, tip: Point, width_px: float, hand: Hand, rng: Rng) -> None:
    bow = np.array([-(tip - base)[1], (tip - base)[0]]) * rng.uniform(-0.08, 0.08)
    _limb(picture, [base, (base + tip) / 2 + bow, tip], width_px, hand, rng)
    if rng.random() < 0.6:
        _nail(picture, base, tip, width_px, hand, rng)


def _limb(picture: Picture, spine: Sequence[Point], width_px: float, hand: Hand, rng: Rng) -> None:
    """A rounded stroke along the spine, shaded by how far from its edge a pixel lies."""
    half = width_px / 2
    points = np.array(spine)
    low = np.maximum(np.floor(points.min(0) - half - 3), 0).astype(int)
    high = np.minimum(np.ceil(points.max(0) + half + 3), picture.size).astype(int)
    if np.any(high - low < 2):
        return
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    path = np.round((points - low) * 8).astype(np.int32)
    cv2.polylines(mask, [path], False, 255, max(1, round(width_px)), cv2.LINE_AA, shift=3)
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3) / np.float32(max(half, 1.0))
    round_ = np.sqrt(np.clip(depth * (2.0 - depth), 0.0, 1.0))
    slope = cv2.Sobel(round_, cv2.CV_32F, 1, 1, ksize=3) * np.float32(half * 0.15)
    pores = octaves(mask.shape[0], mask.shape[1], max(2.0, mask.shape[0] / 12), 1, rng)
    shade = np.clip(0.45 + 0.6 * round_ + np.clip(slope, -0.15, 0.15) + 0.025 * pores, 0.1, 1.3)
    warm = hand.skin * np.array([1.0, 0.93, 0.88], np.float32) ** (2.0 * (1.0 - round_[..., None]))
    alpha = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32) / np.float32(255)
    picture.cover(np.asarray(warm * shade[..., None], np.float32), alpha, int(low[0]), int(low[1]))


def _nail(picture: Picture, base: Point, tip: Point, width_px: float, hand: Hand, rng: Rng) -> None:
    side = max(5, round(width_px * 1.2))
    mask = np.zeros((side, side), np.uint8)
    way = tip - base
    turn = float(np.degrees(np.arctan2(way[1], way[0])))
    axes = max(1, round(width_px * 0.36)), max(1, round(width_px * 0.27))
    cv2.ellipse(mask, (side // 2, side // 2), axes, turn, 0, 360, 200, -1, cv2.LINE_AA)
    tint = hand.skin * 0.75 + np.array([0.28, 0.2, 0.19], np.float32)
    at = tip + way / max(float(np.linalg.norm(way)), 1.0) * width_px * 0.1 - side / 2
    colour = np.broadcast_to(np.asarray(tint, np.float32), (side, side, 3))
    picture.cover(np.ascontiguousarray(colour), mask.astype(np.float32) / np.float32(255), int(at[0]), int(at[1]))
