"""Bodies: the product without its mark, one builder a class of goods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import material
from training.synthesis.ground import Colour
from vision.camera.noise import Field

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Body:
    """A blank product on a square canvas of side S."""

    colour: NDArray[np.float32]  # [S, S, 3] sRGB 0..1, texture and form shaded in
    alpha: Field  # [S, S] 0..1
    texture: Field  # [S, S] shade about 1 that the mark's ink takes over
    face: tuple[float, float, float, float]  # box for the mark, fractions of the canvas
    relief: float  # how far a mark stands out of it, 0 ink .. 1 cast metal
    round_face: bool = False  # the mark must fit into the circle within `face`, not only the box
    stitched: bool = False  # marks on it are embroidered
    endless: bool = False  # the surface goes on beyond the canvas, as cloth and car panels do


@dataclass(frozen=True, eq=False)
class Outline:
    """The genuine mark's outline, for bodies cut to its shape."""

    filled: Field  # [S, S] 1 inside; the mark's longer side spans `OUTLINE_SHARE` of the canvas
    solidity: float  # share of its convex hull that the mark itself fills

    @property
    def side_px(self) -> int:
        """Side of the canvas."""
        return int(self.filled.shape[0])


def emblem(ground: Colour, outline: Outline, rng: Rng) -> Body:
    """A badge: on a painted panel, on a plate of its own, or (a solid mark) on nothing."""
    side, solid = outline.side_px, outline.solidity > 0.8
    form, lamp, share = rng.choice(["bare", "plate", "panel"], p=[0.4, 0.35, 0.25]), _lamp(rng), rng.uniform(0.55, 0.7)
    texture = material.paint(side, rng)
    if form == "bare" and solid:
        return Body(_coloured(ground, texture), np.zeros_like(texture), np.sqrt(texture), _square(0.96), relief=0.9)
    if form == "panel":
        colour = _coloured(ground, texture)
        return Body(colour, np.ones_like(texture), texture, _square(share), relief=0.8, endless=True)
    edge = material.outline(outline.filled > 0.5) - np.float32(0.09)
    colour = _coloured(ground, texture * material.bevel(edge, 0.05, 2.0, lamp))
    return Body(colour, material.cover(edge), texture, _OUTLINE_FACE, relief=0.7)


def valve_cap(ground: Colour, outline: Outline, rng: Rng) -> Body:
    """A tyre valve's cap from above: knurled wall, chamfer, flat face."""
    side, lamp = outline.side_px, _lamp(rng)
    y, x = material.plane(side)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    ridges, face_radius = int(rng.integers(24, 56)), float(rng.uniform(0.74, 0.84))
    metal = rng.random() < 0.6
    wall_tone = np.float32(rng.uniform(0.55, 0.8) if metal else rng.uniform(0.05, 0.2))
    outer = np.float32(0.95) + np.float32(0.015) * np.sign(np.sin(angle * ridges))
    knurl = 1.0 + 0.35 * np.sin(angle * ridges) * np.clip(1.2 + np.cos(angle - lamp), 0.2, 2.0) * 0.6
    wall = np.clip(wall_tone * knurl * (1.15 - 0.9 * np.maximum(radius - face_radius, 0.0)), 0.0, 1.0)
    edge = material.disc(side, face_radius)
    texture = material.turned_metal(side, rng) if metal else material.plastic(side, rng)
    top = _coloured(ground, texture * material.bevel(edge, 0.06, 2.2, lamp))
    on_face = material.cover(edge)[..., None]
    colour = top * on_face + wall[..., None] * (1.0 - on_face)
    alpha = material.cover(np.asarray(radius - outer, np.float32))
    face = _square(face_radius * 0.9)
    return Body(np.asarray(colour, np.float32), alpha, texture, face, relief=0.35, round_face=True)


def key_ring(ground: Colour, outline: Outline, rng: Rng) -> Body:
    """A tag of metal or leather, its hole, and the split ring through it."""
    side, lamp, metal = outline.side_px, _lamp(rng), rng.random() < 0.5
    texture = material.brushed(side, rng) if metal else material.leather(side, rng)
    wide, long, corner = rng.uniform(0.52, 0.66), rng.uniform(0.66, 0.72), rng.uniform(0.08, 0.4)
    edge = material.rounded(side, wide, long, corner, shift_y=0.27)
    colour = _coloured(ground, texture * material.bevel(edge, 0.05, 1.8, lamp))
    alpha = material.cover(edge) * material.cover(0.06 - _from_hole(side, -0.27))
    if not metal:
        _stitch(colour, np.asarray(edge + rng.uniform(0.04, 0.08), np.float32), rng)
    colour, alpha = _with_split_ring(colour, alpha, rng)
    reach = min(wide, long - 0.12) * 0.8
    middle = 0.5 + 0.5 * 0.37
    face = (0.5 - reach / 2, middle - reach / 2, 0.5 + reach / 2, middle + reach / 2)
    return Body(colour, alpha, texture, face, relief=0.5 if metal else 0.25, round_face=corner > 0.35)


def label(ground: Colour, outline: Outline, rng: Rng) -> Body:
    """A swing tag of card or a sewn-in label of satin."""
    side, lamp, card = outline.side_px, _lamp(rng), rng.random() < 0.5
    texture = material.paper(side, rng) if card else material.satin(side, rng)
    wide, long = rng.uniform(0.7, 0.96), rng.uniform(0.7, 0.96)
    edge = material.rounded(side, wide, long, 0.05 if card else 0.01)
    colour = _coloured(ground, texture * material.bevel(edge, 0.015, 0.8, lamp))
    alpha = material.cover(edge)
    if card:
        alpha = alpha * material.cover(0.05 - _from_hole(side, 0.13 - long))
        _small_print(colour, ground, long, rng)
    else:
        _stitch(colour, np.asarray(edge + rng.uniform(0.03, 0.08), np.float32), rng)
    reach = min(wide, long) * 0.62
    return Body(colour, alpha, texture, _square(reach), relief=0.05, stitched=not card)


def bag(ground: Colour, outline: Outline, rng: Rng) -> Body:
    """A panel of stitched leather, sometimes crossed by a strap or seam."""
    side, lamp, share = outline.side_px, _lamp(rng), rng.uniform(0.5, 0.66)
    texture = material.leather(side, rng)
    whole = rng.random() < 0.5
    edge = material.rounded(side, *(1.3, 1.3, 0.2) if whole else (0.95, rng.uniform(0.8, 0.95), 0.2))
    shade = material.bevel(edge, 0.035, 0.9, lamp)
    seam = _seam(side, float(rng.choice([-np.pi / 2, np.pi / 2]) + rng.uniform(-0.05, 0.05)), rng.uniform(0.76, 0.95))
    width, depth = np.float32(rng.uniform(0.01, 0.03)), 0.35 if whole else 0.0
    shade = shade * (1.0 - depth * np.exp(-((seam / width) ** 2)))
    colour = _coloured(ground, texture * shade)
    inset = rng.uniform(0.04, 0.1)
    _stitch(colour, np.asarray(seam - inset if whole else edge + inset, np.float32), rng)
    return Body(colour, material.cover(edge), texture, _square(share), relief=0.3, endless=whole)


def garment(ground: Colour, outline: Outline, rng: Rng) -> Body:
    """Cloth with folds, woven or knitted; the mark embroidered or printed on it."""
    side, share = outline.side_px, rng.uniform(0.45, 0.62)
    texture = material.woven(side, rng) if rng.random() < 0.6 else material.knitted(side, rng)
    seam = _seam(side, rng.uniform(0, 2 * np.pi), rng.uniform(0.78, 1.2))
    shade = 1.0 - 0.3 * np.exp(-((seam / np.float32(0.015)) ** 2))
    colour = _coloured(ground, texture * shade)
    _stitch(colour, np.asarray(seam - rng.uniform(0.02, 0.07), np.float32), rng)
    embroidered = bool(rng.random() < 0.5)
    relief = 0.15 if embroidered else 0.0
    face = _square(share)
    return Body(colour, np.ones_like(texture), texture, face, relief=relief, stitched=embroidered, endless=True)


BODIES: Mapping[str, Callable[[Colour, Outline, Rng], Body]] = MappingProxyType(
    {
        "emblem": emblem,
        "valve cap": valve_cap,
        "key ring": key_ring,
        "label": label,
        "bag": bag,
        "garment": garment,
    }
)

OUTLINE_SHARE = 0.8
_OUTLINE_FACE = (0.1, 0.1, 0.9, 0.9)


def _square(share: float) -> tuple[float, float, float, float]:
    return (0.5 - share / 2, 0.5 - share / 2, 0.5 + share / 2, 0.5 + share / 2)


def _lamp(rng: Rng) -> float:
    """Lamps stand above: the upper half of the circle, in image axes."""
    return float(rng.uniform(-np.pi * 0.9, -np.pi * 0.1))


def _coloured(ground: Colour, shade: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(np.clip(ground * shade[..., None], 0.0, 1.0), np.float32)


def _stitch(colour: NDArray[np.float32], distance: Field, rng: Rng) -> None:
    """Sews a dashed thread along the line where `distance` is 0, into `colour`."""
    side = distance.shape[0]
    y, x = material.plane(side)
    thread = np.float32(rng.choice([0.1, 0.85])) * np.ones(3, np.float32)
    run = (x + y) * np.float32(rng.uniform(55, 120)) + np.float32(rng.uniform(0.0, 2 * np.pi))
    dash = np.clip(2.0 * np.sin(run) + np.float32(rng.uniform(0.4, 1.3)), 0.0, 1.0)
    line = np.clip(1.5 - np.abs(distance) * np.float32(side / 2) / 1.6, 0.0, 1.0) * dash
    colour += np.float32(0.8) * line[..., None] * (thread - colour)


def _seam(side: int, turn_rad: float, offset: float) -> Field:
    """Distance [S, S] to a straight line at `offset` from the centre, in the direction `turn_rad`."""
    y, x = material.plane(side)
    across = np.float32(np.cos(turn_rad)) * x + np.float32(np.sin(turn_rad)) * y
    return np.asarray(np.abs(across - np.float32(offset)), np.float32)


def _from_hole(side: int, at_y: float) -> Field:
    """Distance [S, S] to a hole on the middle line."""
    y, x = material.plane(side)
    return np.asarray(np.hypot(x, y - np.float32(at_y)), np.float32)


def _small_print(colour: NDArray[np.float32], ground: Colour, long: float, rng: Rng) -> None:
    """Grey bars, like lines of care text, along the lower edge and clear of the face."""
    side = colour.shape[0]
    ink = 0.25 if float(ground.mean()) > 0.5 else 0.8
    for row in range(int(rng.integers(1, 4))):
        y = int(side * (0.5 + long / 2 - 0.035 - 0.02 * row))
        half = int(side * rng.uniform(0.1, 0.25))
        cv2.line(
            colour, (side // 2 - half, y), (side // 2 + half, y), (ink, ink, ink), max(1, side // 200), cv2.LINE_AA
        )


def _with_split_ring(colour: NDArray[np.float32], alpha: Field, rng: Rng) -> tuple[NDArray[np.float32], Field]:
    """The product with a wire ring hanging through its hole, above it."""
    side = alpha.shape[0]
    y, x = material.plane(side)
    radius, wire = np.float32(rng.uniform(0.28, 0.34)), np.float32(rng.uniform(0.025, 0.04))
    across = np.hypot(x, y + np.float32(0.27) + radius) - radius
    metal = np.clip(0.35 + 0.6 * np.exp(-((across / wire + 0.3) ** 2) * 3.0), 0.0, 1.0)
    ring = material.cover(np.asarray(np.abs(across) - wire, np.float32))
    mixed = colour * (1.0 - ring[..., None]) + metal[..., None] * ring[..., None]
    return np.asarray(mixed, np.float32), np.asarray(np.maximum(alpha, ring), np.float32)
