"""Shapes that marks are composed of: polygons about the origin, within the unit disc or nearly so.

A shape is a tuple of polygons [n, 2] (x right, y down), filled by the even-odd rule, so that an inner
polygon is a hole. Every shape is drawn from an rng: the same name never means the same outline.
"""

from collections.abc import Callable
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]  # [n, 2]
Shape = tuple[Polygon, ...]
Drawing = Callable[[np.random.Generator], Shape]


# --- making and mapping polygons ----------------------------------------------------------------


def polar(radii: NDArray[np.float64], turn: float = -np.pi / 2) -> Polygon:
    """Points at even angles, from the top clockwise."""
    angles = turn + np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None]


def ellipse(width: float = 1.0, height: float = 1.0) -> Polygon:
    """Half axes."""
    return polar(np.ones(96)) * (width, height)


def rounded(polygon: Polygon, passes: int = 2, share: float = 0.25) -> Polygon:
    """Corners cut off again and again (Chaikin): a smooth closed curve."""
    for _ in range(passes):
        following = np.roll(polygon, -1, axis=0)
        cuts = [polygon + (following - polygon) * share, polygon + (following - polygon) * (1 - share)]
        polygon = np.stack(cuts, axis=1).reshape(-1, 2)
    return polygon


def mapped(
    shape: Shape, scale: float | tuple[float, float] = 1.0, turn: float = 0.0, at: tuple[float, float] = (0, 0)
) -> Shape:
    """Scaled along x and y, turned (radians, clockwise as y points down), then put at a place."""
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return tuple((polygon * np.asarray(scale)) @ rotation.T + np.asarray(at) for polygon in shape)


def placed(polygon: Polygon, x: float, y: float) -> Polygon:
    """Moved by x and y."""
    return np.asarray(polygon + np.array([x, y]), dtype=np.float64)


def repeated(shape: Shape, times: int) -> Shape:
    """The shape turned about the origin into so many copies."""
    return tuple(polygon for place in range(times) for polygon in mapped(shape, turn=2 * np.pi * place / times))


def brush(points: NDArray[np.float64], width: float, taper: float) -> Polygon:
    """A stroke along a Bezier curve of 3 or 4 control points; `taper` 0 keeps the width, 1 thins it to both ends."""
    t = np.linspace(0, 1, 28)[:, None]
    levels = [np.broadcast_to(point, (len(t), 2)) for point in points]
    while len(levels) > 1:  # de Casteljau
        levels = [before * (1 - t) + after * t for before, after in pairwise(levels)]
    curve = levels[0]
    along = np.gradient(curve, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
    half = width / 2 * (1 - taper + taper * np.sin(np.pi * t) ** 0.8)
    return np.concatenate([curve + normal * half, (curve - normal * half)[::-1]])


# --- outlines of badges -------------------------------------------------------------------------


def disc(rng: np.random.Generator) -> Shape:
    """A disc."""
    return (ellipse(),)


def oval(rng: np.random.Generator) -> Shape:
    """A lying ellipse."""
    return (ellipse(1.0, rng.uniform(0.5, 0.8)),)


def squircle(rng: np.random.Generator) -> Shape:
    """A square between disc and square."""
    power = rng.uniform(2.5, 7)
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    radii = (np.abs(cosine) ** power + np.abs(sine) ** power) ** (-1 / power)
    return (np.column_stack([cosine, sine]) * radii[:, None] * (0.9, 0.9 * rng.uniform(0.6, 1.0)),)


def polygon(rng: np.random.Generator) -> Shape:
    """A regular polygon, at times with rounded corners."""
    sides = int(rng.integers(3, 9))
    corners = polar(np.ones(sides), turn=-np.pi / 2 + (np.pi / sides if rng.random() < 0.4 else 0))
    return (rounded(corners, 3, rng.uniform(0.06, 0.2)) if rng.random() < 0.6 else corners,)


def lozenge(rng: np.random.Generator) -> Shape:
    """A diamond, standing or lying, straight or hollow sided."""
    narrow, hollow = rng.uniform(0.5, 1.0), rng.uniform(0.35, 0.52)
    corners = np.array([(0, -1), (hollow * narrow, -hollow), (narrow, 0), (hollow * narrow, hollow)])
    whole = np.concatenate([corners, -corners])
    return (whole if rng.random() < 0.5 else whole[:, ::-1],)


def shield(rng: np.random.Generator) -> Shape:
    """A heraldic shield: flat, peaked or notched above, pointed or round below."""
    wide, shoulder, waist = rng.uniform(0.7, 0.9), rng.uniform(-0.85, -0.6), rng.uniform(-0.1, 0.35)
    top = np.array([(0, -rng.uniform(0.7, 1.0)), (wide * 0.5, -rng.uniform(0.72, 0.9)), (wide, shoulder)])
    t = np.linspace(0, 1, 16)[1:, None]
    bulge = np.array([(wide * rng.uniform(0.85, 1.15), waist + rng.uniform(0.15, 0.4))])
    side = (1 - t) ** 2 * (wide, waist) + 2 * t * (1 - t) * bulge + t**2 * (0, 1.0)
    right = np.concatenate([top, np.array([(wide * rng.uniform(0.92, 1.06), waist)]), side])
    return (np.concatenate([right, (right * (-1, 1))[-2:0:-1]]),)


def plate(rng: np.random.Generator) -> Shape:
    """A wide plate: slanted, pointed, rounded or plain."""
    high, cut = rng.uniform(0.28, 0.5), rng.uniform(-0.25, 0.25)
    corners = np.array([(-1 + max(cut, 0), -high), (1, -high), (1 - max(cut, 0), high), (-1, high)])
    if rng.random() < 0.3:
        tip = rng.uniform(0.1, 0.3)
        corners = np.array([(-1 + tip, -high), (1 - tip, -high), (1, 0), (1 - tip, high), (-1 + tip, high), (-1, 0)])
    return (rounded(corners, 3, rng.uniform(0.05, 0.2)) if rng.random() < 0.6 else corners,)


BADGES: MappingProxyType[str, Drawing] = MappingProxyType(
    {
        "disc": disc,
        "oval": oval,
        "rounded square": squircle,
        "polygon": polygon,
        "diamond": lozenge,
        "shield": shield,
        "plate": plate,
    }
)
