"""The elements that marks are built of: badges with borders and fields, charges, words, words on a ring."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import names
from training.synthesis.canvas import Cover
from training.synthesis.charges import CHARGES, PIECEWISE, UNITED
from training.synthesis.palette import RGB
from training.synthesis.shapes import BADGES, Shape, brush, mapped, repeated
from training.synthesis.sketch import Sketch

_PLAIN = frozenset({"polygon", "diamond", "crown", "gear"})  # too alike to be drawn as often as the rest
_CHARGE_WEIGHTS = [0.4 if kind in _PLAIN else 1.0 for kind in CHARGES]
_CHARGE_SHARES = [weight / sum(_CHARGE_WEIGHTS) for weight in _CHARGE_WEIGHTS]
_BADGE_SHARES = (0.27, 0.13, 0.12, 0.12, 0.1, 0.19, 0.07)  # in the order of BADGES


def badge(sketch: Sketch, scale: float = 1.0, at: tuple[float, float] = (0, 0)) -> tuple[Shape, RGB, float]:
    """A field inside zero to three borders. Returns its outline, the field's colour and the share left inside."""
    rng, kind = sketch.rng, str(sketch.rng.choice(list(BADGES), p=_BADGE_SHARES))
    outline = BADGES[kind](rng)
    sketch.shapes.append(kind)
    inside, ink = 1.0, sketch.inks.inks[0]
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.2, 0.35, 0.3, 0.15]))):
        rim = sketch.inks.unlike(ink, rng)
        sketch.paint(sketch.canvas.cover(mapped(outline, scale * inside, at=at)), sketch.rim_fill(rim))
        inside -= rng.uniform(0.03, 0.12)
        ink = sketch.inks.unlike(rim, rng)
    field = sketch.canvas.cover(mapped(outline, scale * inside, at=at))
    sketch.paint(field, sketch.fill(ink), sunk=True)
    if sketch.chance(0.35):
        _divide(sketch, field, ink, scale)
    return mapped(outline, scale, at=at), ink, inside


def _divide(sketch: Sketch, field: Cover, ink: RGB, scale: float) -> None:
    """A second tincture on the field: halves, quarters, bars, checks, a bend, a chief or rays."""
    rng, other = sketch.rng, sketch.inks.unlike(ink, sketch.rng)
    box = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])
    bars = int(rng.integers(2, 6))
    ways: tuple[Shape, ...] = (
        (box - (0, 1),),
        (box, box - (2, 2)),
        tuple((box - (1, 0)) * (1, 0.5 / bars) + np.array([0, -1 + 2 * place / bars]) for place in range(bars)),
        mapped(((box - (1, 1)) * (1.5, rng.uniform(0.12, 0.4)),), turn=rng.uniform(-0.9, 0.9)),
        ((box - (1, 2)) * (1, 0.5) - np.array([0, rng.uniform(0.0, 0.35)]),),
        repeated((np.array([(0, 0), (0.35, -2.0), (-0.35, -2.0)]),), int(rng.choice([6, 8, 9]))),
        _checks(int(rng.integers(3, 8))),
    )
    tincture = sketch.canvas.cover(mapped(ways[int(rng.integers(len(ways)))], scale)) * field
    sketch.canvas.paint(np.asarray(tincture, dtype=np.float32), sketch.fill(other))


def _checks(count: int) -> Shape:
    unit, side = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]), 2 / count
    places = [(x, y) for x in range(count) for y in range(count) if (x + y) % 2]
    return tuple((unit + np.array(place)) * side - 1 for place in places)


def charge(sketch: Sketch, ground: RGB | None, scale: float, at: tuple[float, float] = (0.0, 0.0)) -> None:
    """A symbol, at times outlined, doubled as in a mirror, or slit."""
    rng, kind = sketch.rng, str(sketch.rng.choice(list(CHARGES), p=_CHARGE_SHARES))
    shape = mapped(_contained(CHARGES[kind](rng)), scale * rng.uniform(0.85, 1.0), at=at)
    cover = sketch.canvas.cover(shape, united=kind in UNITED)
    if at[0] == 0 and sketch.chance(0.15):
        cover = np.maximum(cover, cover[:, ::-1])
    if sketch.chance(0.12):
        cover = cover * (1 - _slits(sketch, scale))
    ink = sketch.inks.free(rng) if ground is None else sketch.inks.unlike(ground, rng)
    if sketch.chance(0.25):
        edge = sketch.canvas.line(shape, rng.uniform(0.03, 0.08))
        sketch.canvas.paint(np.maximum(edge, cover), sketch.fill(sketch.inks.unlike(ink, rng)))
    sketch.paint(np.asarray(cover, dtype=np.float32), sketch.fill(ink))
    if kind in PIECEWISE and sketch.chance(0.35):
        _recolour_pieces(sketch, shape, ground)
    elif sketch.chance(0.4):
        _engrave(sketch, np.asarray(cover, dtype=np.float32), sketch.inks.unlike(ink, rng), scale, at)
    sketch.shapes.append(kind)


def _recolour_pieces(sketch: Sketch, shape: Shape, ground: RGB | None) -> None:
    """Every second or third piece, or a random half, in another ink."""
    rng, step = sketch.rng, int(sketch.rng.integers(2, 4))
    pieces = shape[:: step if sketch.chance(0.5) else 1]
    chosen = tuple(piece for piece in pieces if len(pieces) < len(shape) or sketch.chance(0.5))
    if chosen:
        ink = sketch.inks.free(rng) if ground is None else sketch.inks.unlike(ground, rng)
        sketch.paint(sketch.canvas.cover(chosen, united=True), sketch.fill(ink))


def _contained(shape: Shape) -> Shape:
    """Made smaller where it would reach out of the unit square."""
    reach = max(float(np.abs(polygon).max()) for polygon in shape)
    return mapped(shape, 1 / reach) if reach > 1 else shape


def _engrave(sketch: Sketch, cover: Cover, ink: RGB, scale: float, at: tuple[float, float]) -> None:
    """Inner drawing within a cover: a line along its edge, strokes, or a lesser charge."""
    rng, way = sketch.rng, sketch.rng.random()
    if way < 0.25:
        drawn = _inline(sketch, cover, rng.uniform(0.05, 0.12) * scale)
    elif way < 0.85:
        strokes = [
            brush(rng.normal(0, 0.5, (3, 2)), rng.uniform(0.04, 0.14), 0.9) for _ in range(int(rng.integers(2, 7)))
        ]
        both = [stroke * (-1, 1) for stroke in strokes] if sketch.chance(0.5) else []
        drawn = sketch.canvas.cover(mapped((*strokes, *both), scale, at=at), united=True)
    else:
        lesser = str(rng.choice(list(CHARGES)))
        drawn = sketch.canvas.cover(mapped(CHARGES[lesser](rng), scale * 0.4, at=at), united=lesser in UNITED)
    sketch.canvas.paint(np.asarray(drawn * cover, dtype=np.float32), sketch.fill(ink))


def _inline(sketch: Sketch, cover: Cover, depth: float) -> Cover:
    """A thin line inside the cover's edge, `depth` units in."""
    inwards = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / sketch.canvas.unit_px
    half_width, softness = depth * 0.25, 0.7 / sketch.canvas.unit_px
    return np.asarray(np.clip((half_width - np.abs(inwards - depth)) / softness + 0.5, 0, 1), dtype=np.float32)


def _slits(sketch: Sketch, scale: float) -> Cover:
    """Thin parallel gaps."""
    rng, count = sketch.rng, int(sketch.rng.integers(3, 10))
    bar = np.array([(-1.5, -0.08), (1.5, -0.08), (1.5, 0.08), (-1.5, 0.08)]) * (1, 2 / count)
    bars = tuple(bar + np.array([0, -1 + 2 * (place + 0.5) / count]) for place in range(count))
    return sketch.canvas.cover(mapped(bars, scale, turn=float(rng.choice([0, 0.5, 0.8, np.pi / 2]))))


def word(sketch: Sketch, text: str, ground: RGB | None, width: float, height: float, at: tuple[float, float]) -> None:
    """Lettering within width x height, at times outlined or shadowed."""
    rng, drawn = sketch.rng, sketch.typeset(text)
    high = min(height, width * drawn.shape[0] / max(1.0, drawn.shape[1] + abs(sketch.lean) * drawn.shape[0]))
    ink = sketch.inks.free(rng) if ground is None else sketch.inks.unlike(ground, rng)
    cover = sketch.canvas.text(drawn, at, high, sketch.lean)
    if sketch.chance(0.14) and high > 0.2:
        step = high * 0.05
        shadow = sketch.canvas.text(drawn, (at[0] + step, at[1] + step), high, sketch.lean)
        sketch.canvas.paint(shadow, sketch.fill(sketch.inks.unlike(ink, rng)))
    sketch.paint(cover, sketch.fill(ink))


def ring_text(sketch: Sketch, ground: RGB, radius: float, height: float) -> None:
    """Words along the top of a ring, at times along the bottom too, or beads between."""
    rng, ink = sketch.rng, sketch.inks.unlike(ground, sketch.rng)
    above = sketch.typeset(sketch.name.upper())
    covers = [sketch.canvas.arc(_fitted(above, height, 2.4 * radius), radius, height, below=False)]
    if sketch.chance(0.6):
        below = sketch.typeset(names.invent(rng).upper())
        covers.append(sketch.canvas.arc(_fitted(below, height, 2.2 * radius), radius + height, height, below=True))
    elif sketch.chance(0.5):
        bead = (np.array([(np.cos(a), np.sin(a)) for a in np.linspace(0, 2 * np.pi, 16)]) * height * 0.2,)
        spots = np.linspace(0.25, np.pi - 0.25, int(rng.integers(5, 14)))
        middle = radius + height / 2
        shape = tuple(mapped(bead, at=(middle * np.cos(a), middle * np.sin(a)))[0] for a in spots)
        covers.append(sketch.canvas.cover(shape))
    sketch.paint(np.asarray(np.max(covers, axis=0), dtype=np.float32), sketch.fill(ink))


def _fitted(lettering: NDArray[np.uint8], height: float, length: float) -> NDArray[np.uint8]:
    """Lettering narrowed so that, `height` units high, it is at most `length` units long."""
    limit = max(1, int(length / height * lettering.shape[0]))
    if lettering.shape[1] <= limit:
        return lettering
    narrowed = cv2.resize(lettering, (limit, lettering.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(narrowed, dtype=np.uint8)


def banner(sketch: Sketch, text: str, ground: RGB, width: float, height: float, at: tuple[float, float]) -> None:
    """A plate or ribbon across the mark with a word on it, its ends cut straight, slanted or swallow-tailed."""
    rng, ink = sketch.rng, sketch.inks.unlike(ground, sketch.rng)
    half_width, half_height = width / 2, height / 2
    cut = half_height * float(rng.choice([0.0, 0.8, -0.8]))
    end = np.array([(half_width, -half_height), (half_width + cut, 0), (half_width, half_height)])
    outline = (np.concatenate([end, -end]),)
    if sketch.chance(0.6):
        edge = mapped(outline, (1 + 0.12 * height / width, 1.12), at=at)
        sketch.paint(sketch.canvas.cover(edge), sketch.rim_fill(sketch.inks.unlike(ink, rng)))
    sketch.paint(sketch.canvas.cover(mapped(outline, at=at)), sketch.fill(ink))
    word(sketch, text, ink, width * 0.85, height * rng.uniform(0.5, 0.75), at)
