"""Staging: what compositions share, from choosing goods to finding room for them."""

import numpy as np
from numpy.typing import NDArray

from training.synthesis.scene import hand, packaging
from training.synthesis.scene.imprint import Cast, Imprint
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.thing import GOODS, Thing, goods
from vision.camera.conditions import Conditions

Rng = np.random.Generator
Size = tuple[int, int]  # (width, height) px

LOOSE_GOODS = tuple(product for product in GOODS if product not in ("bag", "garment"))
_LEAST_CANVAS_PX, _MOST_CANVAS_PX = 96, 384


def canvas_px(seen_px: float) -> int:
    """Side of a canvas that looks sharp enough when seen `seen_px` large."""
    return int(np.clip(1.15 * seen_px, _LEAST_CANVAS_PX, _MOST_CANVAS_PX))


def article(imprint: Imprint | None, cast: Cast, seen_px: float, rng: Rng) -> Thing:
    """Goods or packaging that bear the mark, to be seen `seen_px` large."""
    if rng.random() < 0.3:
        return packaging.pack(imprint, canvas_px(seen_px), rng)
    return goods(imprint, str(rng.choice(GOODS)), cast.finish(rng), canvas_px(seen_px), rng)


def spot(taken: list[tuple[float, float]], size: Size, rng: Rng, tries: int = 5) -> tuple[float, float]:
    """A place in the frame far from those taken; one in seven lies across the frame's edge."""
    low, high = (0.0, 1.0) if rng.random() < 0.15 else (0.14, 0.86)
    places: NDArray[np.float64] = rng.uniform(low, high, (tries, 2)) * np.array(size)
    if not taken:
        return float(places[0, 0]), float(places[0, 1])
    apart = np.linalg.norm(places[:, None] - np.array(taken)[None], axis=2).min(1)
    best = places[int(apart.argmax())]
    return float(best[0]), float(best[1])


def reaching_hand(picture: Picture, at: tuple[float, float], rng: Rng) -> None:
    """A hand that comes in from an edge and points or grasps at a place."""
    width, height = picture.size
    start = np.array([(rng.uniform(0, width), height * 1.1), (-0.1 * width, rng.uniform(0, height))][rng.integers(2)])
    way = np.array(at) - start
    angle = float(np.arctan2(way[1], way[0]))
    across = float(rng.uniform(0.16, 0.3)) * min(width, height)
    palm = np.array(at) - np.array([np.cos(angle), np.sin(angle)]) * across * rng.uniform(0.9, 1.8)
    drawn = hand.draw((float(palm[0]), float(palm[1])), across, angle, rng)
    hand.lay_palm(picture, drawn)
    hand.lay_fingers(picture, drawn, float(rng.uniform(0.5, 1.0)))
    hand.lay_thumb(picture, drawn, float(rng.uniform(0.6, 1.0)), int(rng.choice([-1, 1])))


def ground_kind(conditions: Conditions, rng: Rng) -> str:
    """One of the conditions' backdrops."""
    return str(rng.choice(conditions.backdrops))
