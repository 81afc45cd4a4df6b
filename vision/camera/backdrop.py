"""Backdrops: procedural surroundings in linear light, from seamless paper to a cluttered table by night."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.noise import Field, coordinates, octaves, smoothstep, streaks

Light = NDArray[np.float32]  # [H, W, 3] linear
Rng = np.random.Generator


def backdrop(kind: str, height: int, width: int, rng: Rng) -> Light:
    """A backdrop [height, width, 3] of one of `KINDS`. Drawn at half size: nothing behind the object is crisp."""
    half = KINDS[kind](max(8, height // 2), max(8, width // 2), rng)
    whole = np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.asarray(np.clip(whole, 0.0, 1.0), np.float32)


def tone(rng: Rng, low: float = 0.02, high: float = 0.8, saturation: float = 0.5) -> Light:
    """A linear colour [3] of random hue; evenly spread in lightness, mostly muted."""
    level = np.interp(rng.random(), [0, 1], [low ** (1 / 2.2), high ** (1 / 2.2)]) ** 2.2
    chroma = rng.uniform(0.0, saturation) * rng.random()
    colour = level * (1.0 + chroma * rng.uniform(-1.0, 1.0, 3))
    return np.asarray(np.clip(colour, 0.0, 1.0), np.float32)


def _plain(height: int, width: int, rng: Rng) -> Light:
    level = rng.choice([rng.uniform(0.7, 0.95), rng.uniform(0.35, 0.7), rng.uniform(0.01, 0.15)], p=[0.6, 0.25, 0.15])
    colour = np.float32(level) * (1.0 + rng.uniform(-0.03, 0.03, 3).astype(np.float32))
    return np.asarray(np.broadcast_to(colour, (height, width, 3)), np.float32)


def _gradient(height: int, width: int, rng: Rng) -> Light:
    y, x = coordinates(height, width)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = smoothstep(0.5 + 0.5 * (np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y))
    return _blend(ramp, tone(rng, 0.1, 0.9, 0.3), tone(rng, 0.1, 0.9, 0.3))


def _soft(height: int, width: int, rng: Rng) -> Light:
    cloud = smoothstep(0.5 + 0.3 * octaves(height, width, rng.uniform(1.5, 3.0), 2, rng))
    colour = tone(rng, 0.1, 0.85, 0.4)
    return _blend(cloud, colour, np.clip(colour * np.float32(rng.uniform(0.6, 0.9)), 0, 1))


def _wood(height: int, width: int, rng: Rng) -> Light:
    y, x = coordinates(height, width)
    warp = octaves(height, width, 2.0, 2, rng) * np.float32(0.12)
    rings = np.sin((y + warp + np.float32(0.15) * x) * np.float32(rng.uniform(12, 30)))
    fibre = streaks(height, width, 6, height // 2, rng)
    grain = smoothstep(0.5 + 0.22 * rings + 0.14 * fibre)
    light = np.array([0.45, 0.27, 0.14], np.float32) * np.float32(rng.uniform(0.35, 1.5))
    planks = _plank_gaps(height, width, rng)
    return _turned(_blend(grain, light, light * np.float32(0.6)) * planks, rng)


def _plank_gaps(height: int, width: int, rng: Rng) -> Field:
    plank = np.linspace(0.0, rng.uniform(2.0, 6.0), height, dtype=np.float32) % 1.0
    return np.broadcast_to(np.where(plank < 0.03, 0.35, 1.0).astype(np.float32)[:, None, None], (height, width, 1))


def _fabric(height: int, width: int, rng: Rng) -> Light:
    pitch = rng.uniform(3.0, 8.0)
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    bent = octaves(height, width, 3.0, 2, rng)
    weave = np.sin(2 * np.pi * (rows + 2 * bent) / pitch) * np.sin(2 * np.pi * (columns + 2 * bent) / pitch)
    folds = octaves(height, width, 2.0, 2, rng)
    shade = 1.0 + 0.08 * weave + 0.12 * folds + 0.06 * rng.standard_normal((height, width), dtype=np.float32)
    return np.asarray(tone(rng, 0.03, 0.7, 0.9) * shade[..., None], np.float32)


def _tabletop(height: int, width: int, rng: Rng) -> Light:
    """A surface below, a wall above, the edge between them out of focus."""
    y, x = coordinates(height, width)
    edge = smoothstep((y + np.float32(rng.uniform(0.2, 0.7)) + np.float32(rng.uniform(-0.1, 0.1)) * x) * 15.0)
    top = _wood(height, width, rng) if rng.random() < 0.5 else _soft(height, width, rng)
    return _soft(height, width, rng) * (1 - edge[..., None]) + top * edge[..., None]


def _clutter(height: int, width: int, rng: Rng) -> Light:
    """Things lying about: boxes, discs, cables and printed lines over another backdrop, out of focus."""
    scene = np.ascontiguousarray(_soft(height, width, rng) if rng.random() < 0.5 else _wood(height, width, rng))
    for _ in range(rng.integers(5, 16)):
        _thing(scene, rng)
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.8, 4.0))), np.float32)


def _thing(scene: Light, rng: Rng) -> None:
    """Draws one thing into the scene."""
    height, width = scene.shape[:2]
    centre = int(rng.integers(0, width)), int(rng.integers(0, height))
    size = float(rng.uniform(0.05, 0.4) * width)
    ink = tuple(float(c) for c in tone(rng, 0.02, 0.9, 1.2))
    form = rng.choice(["box", "disc", "cable", "lines"])
    if form == "disc":
        cv2.circle(scene, centre, int(size / 2), ink, -1, cv2.LINE_AA)
    elif form == "cable":
        ends = (np.array(centre) + rng.normal(0.0, size, (6, 2)).cumsum(axis=0) * 0.5).astype(np.int32)
        cv2.polylines(scene, [ends], False, ink, int(rng.integers(2, 7)), cv2.LINE_AA)
    else:
        box = (centre, (size, size * float(rng.uniform(0.3, 1.0))), float(rng.uniform(0, 180)))
        cv2.fillConvexPoly(scene, cv2.boxPoints(box).astype(np.int32), ink, cv2.LINE_AA)
        if form == "lines":
            _print_lines(scene, box, rng)


def _print_lines(scene: Light, box: tuple[tuple[int, int], tuple[float, float], float], rng: Rng) -> None:
    """Bars like printed words across a box."""
    origin, (long, short), turn = np.array(box[0], np.float64), box[1], np.radians(box[2])
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    ink = tuple(float(c) for c in tone(rng, 0.01, 0.9, 1.0))
    for row in np.linspace(-0.35, 0.35, int(rng.integers(2, 6))):
        start = origin + across * short * row - along * long * 0.4
        stop = start + along * long * rng.uniform(0.3, 0.8)
        cv2.line(scene, start.astype(int).tolist(), stop.astype(int).tolist(), ink, 2, cv2.LINE_AA)


def _lights(height: int, width: int, rng: Rng) -> Light:
    """A dark room with lamps out of focus."""
    scene = np.ascontiguousarray(_soft(height, width, rng) * np.float32(rng.uniform(0.05, 0.25)))
    for _ in range(rng.integers(4, 18)):
        lamp = np.zeros_like(scene)
        centre = int(rng.integers(0, width)), int(rng.integers(0, height))
        colour = tuple(float(c) for c in tone(rng, 0.2, 0.9, 1.5))
        cv2.circle(lamp, centre, int(rng.uniform(0.01, 0.06) * width) + 2, colour, -1, cv2.LINE_AA)
        scene = np.maximum(scene, lamp)
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), 1.5), np.float32)


def _blend(share: Field, one: Light, other: Light) -> Light:
    return np.asarray(share[..., None] * one + (1.0 - share[..., None]) * other, np.float32)


def _turned(scene: Light, rng: Rng) -> Light:
    """The same scene turned about its middle, enlarged enough to leave no corner empty."""
    height, width = scene.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(0, 180)), 1.7)
    return np.asarray(cv2.warpAffine(scene, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.float32)


KINDS: Mapping[str, Callable[[int, int, Rng], Light]] = MappingProxyType(
    {
        "plain": _plain,
        "gradient": _gradient,
        "soft": _soft,
        "wood": _wood,
        "fabric": _fabric,
        "tabletop": _tabletop,
        "clutter": _clutter,
        "lights": _lights,
    }
)
