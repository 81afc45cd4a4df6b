"""Cover: what may lie over a mark in a listing's photo, and is no forger's work.

Fingers that hold the goods, letters laid over the photo, other things in front, the photo's own edge. All of them come
from beyond the mark or go on beyond it. Drawn on the aligned crop, in few strokes: what is to be learned is that
something foreign covers the mark, not what it is.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.scene.hand import complexion

Crop = NDArray[np.float32]  # [P, P, 3] 0..1
Mask = NDArray[np.float32]  # [P, P] 0..1, how much is covered
Rng = np.random.Generator

MOST_COVERED = 0.6  # of the crop
_TRIES = 4
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)  # fmt: skip
_LETTERS = tuple("ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuvwxyz0123456789%&-+")


def cover(crop: Crop, other: Crop, rng: Rng) -> tuple[Crop, Mask]:
    """The crop with something of chance over it, and where. `other` is a crop of which a thing may be cut."""
    for _ in range(_TRIES):
        kind = KINDS[str(rng.choice(list(KINDS), p=_OFTEN))]
        covered, mask = kind(crop, other, rng)
        if mask.mean() < MOST_COVERED:
            return covered, mask
    return crop, np.zeros(crop.shape[:2], np.float32)


def limbs(crop: Crop, other: Crop, rng: Rng) -> tuple[Crop, Mask]:
    """One to four fingers from one side, rounded by shading; some of skin, some of glove or strap."""
    side = len(crop)
    centre, inwards = _from_beyond(side, rng)
    across = np.array([-inwards[1], inwards[0]])
    width = side * rng.uniform(0.08, 0.24)
    colour = _skin(rng) if rng.random() < 0.75 else rng.random(3)
    reach = side * rng.uniform(0.3, 0.8)
    seen, whole = crop.copy(), np.zeros((side, side), np.float32)
    for index in range(int(rng.integers(1, 5))):
        base = centre + across * width * 1.05 * index - inwards * side * 0.2
        tip = base + (inwards + across * rng.uniform(-0.15, 0.15)) * (reach + side * 0.2) * rng.uniform(0.75, 1.1)
        mask = np.zeros((side, side), np.uint8)
        path = np.round(np.stack([base, tip]) * 8).astype(np.int32)
        cv2.polylines(mask, [path], False, 255, max(2, round(width)), cv2.LINE_AA, shift=3)
        depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3) / (width / 2)
        shade = 0.5 + 0.55 * np.sqrt(np.clip(depth * (2 - depth), 0, 1))
        seen = _over(seen, np.clip(colour * shade[..., None], 0, 1), mask / 255)
        whole = np.maximum(whole, mask / np.float32(255))
    return seen, whole


def letters(crop: Crop, other: Crop, rng: Rng) -> tuple[Crop, Mask]:
    """Words laid across the photo, plain or half transparent, once or in rows."""
    side = len(crop)
    mask = np.zeros((side, side), np.uint8)
    scale, font = float(rng.uniform(0.35, 1.6)), int(rng.choice(_FONTS))
    pen = max(1, round(scale * rng.uniform(1.0, 2.4)))
    step = scale * rng.uniform(30, 90)
    y = rng.uniform(0.2, 1.0) * side if rng.random() < 0.6 else step / 2
    while y < side + 10:
        text = "".join(rng.choice(_LETTERS, int(rng.integers(3, 16))))
        cv2.putText(mask, text, (int(rng.uniform(-0.3, 0.4) * side), int(y)), font, scale, 255, pen, cv2.LINE_AA)
        y += step if rng.random() < 0.5 else 2.0 * side
    turn = float(rng.choice([0.0, 0.0, 0.0, 25.0, -25.0, 40.0]))
    turned = cv2.warpAffine(mask, cv2.getRotationMatrix2D((side / 2, side / 2), turn, 1.0), (side, side))
    alpha = turned / np.float32(255) * np.float32(rng.choice([1.0, 1.0, rng.uniform(0.25, 0.7)]))
    grey = rng.random(3) if rng.random() < 0.4 else np.full(3, rng.choice([0.02, 0.97]))
    return _over(crop, np.broadcast_to(grey, crop.shape), alpha), np.asarray(alpha, np.float32)


def thing(crop: Crop, other: Crop, rng: Rng) -> tuple[Crop, Mask]:
    """Another thing in front, from one side: of a plain colour that shades off, or with what another crop shows."""
    side = len(crop)
    centre, inwards = _from_beyond(side, rng)
    size = side * rng.uniform(0.25, 0.7, 2)
    middle = centre + inwards * (rng.uniform(0.0, 0.5) * side - size.min() / 2)
    mask = np.zeros((side, side), np.uint8)
    turn = float(rng.uniform(0, 180))
    if rng.random() < 0.5:
        cv2.ellipse(mask, (tuple(middle), tuple(size), turn), 255, -1, cv2.LINE_AA)
    else:
        box = cv2.boxPoints((tuple(middle), tuple(size), turn))
        cv2.fillConvexPoly(mask, np.round(box * 8).astype(np.int32), 255, cv2.LINE_AA, shift=3)
    if rng.random() < 0.5:
        zoom = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(0, 360)), float(rng.uniform(0.6, 1.6)))
        zoom[:, 2] += middle - side / 2
        shown = cv2.warpAffine(np.asarray(other, np.float32), zoom, (side, side), borderMode=cv2.BORDER_REFLECT)
    else:
        slope = np.linspace(-0.12, 0.12, side)[:, None, None] * rng.choice([-1, 1])
        shown = np.clip(np.broadcast_to(rng.random(3), crop.shape) + slope, 0, 1)
    return _over(crop, shown, mask / 255), np.asarray(mask / 255, np.float32)


def edge(crop: Crop, other: Crop, rng: Rng) -> tuple[Crop, Mask]:
    """The photo ends within the crop: beyond, its last pixels are drawn on and on, as a warp leaves it."""
    side = len(crop)
    angle = np.radians(rng.normal(0, 12) + rng.choice([0, 90, 180, 270]))
    kept = rng.uniform(0.45, 0.95) * side
    turned = _turned(crop, -angle)
    columns = np.minimum(np.arange(side), int(kept))
    beyond = (np.arange(side) > kept).astype(np.float32)
    smeared = _turned(np.ascontiguousarray(turned[:, columns]), angle)
    mask = _turned(np.ascontiguousarray(np.broadcast_to(beyond, (side, side))), angle)
    return _over(crop, smeared, mask), np.asarray(mask, np.float32)


def patch(crop: Crop, other: Crop, rng: Rng) -> tuple[Crop, Mask]:
    """A small sticker of a plain colour or of another crop."""
    side = len(crop)
    w, h = (int(v) for v in rng.integers(8, 36, 2))
    x, y = int(rng.integers(side - w)), int(rng.integers(side - h))
    seen, mask = crop.copy(), np.zeros((side, side), np.float32)
    seen[y : y + h, x : x + w] = other[y : y + h, x : x + w] if rng.random() < 0.3 else rng.random(3)
    mask[y : y + h, x : x + w] = 1
    return seen, mask


Kind = Callable[[Crop, Crop, Rng], tuple[Crop, Mask]]
KINDS: Mapping[str, Kind] = MappingProxyType(
    {"limbs": limbs, "letters": letters, "thing": thing, "edge": edge, "patch": patch}
)
_OFTEN = (0.3, 0.2, 0.2, 0.15, 0.15)


def _from_beyond(side: int, rng: Rng) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point on the crop's rim, and a direction inwards."""
    angle = rng.uniform(0, 2 * np.pi)
    outwards = np.array([np.cos(angle), np.sin(angle)])
    point = side / 2 + outwards * side * 0.55 + rng.uniform(-0.25, 0.25) * side * np.array([-outwards[1], outwards[0]])
    lean = angle + rng.normal(0, 0.35)
    return point, -np.array([np.cos(lean), np.sin(lean)])


def _skin(rng: Rng) -> NDArray[np.float64]:
    """A colour of skin, as encoded light 0..1."""
    linear = complexion(rng)
    return np.asarray(np.clip(linear * rng.uniform(0.8, 1.3), 0, 1) ** (1 / 2.2), np.float64)


def _turned(pixels: NDArray[np.float32], angle_rad: float) -> NDArray[np.float32]:
    """Turned about the middle."""
    side = len(pixels)
    turn = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), float(np.degrees(angle_rad)), 1.0)
    return np.asarray(cv2.warpAffine(pixels, turn, (side, side), borderMode=cv2.BORDER_REPLICATE), np.float32)


def _over(crop: Crop, shown: NDArray[np.generic], alpha: NDArray[np.generic]) -> Crop:
    """What is shown, laid over the crop."""
    share = np.asarray(alpha, np.float32)[..., None]
    return np.asarray(crop * (1 - share) + np.asarray(shown, np.float32) * share, np.float32)
