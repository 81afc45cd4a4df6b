"""Charges: what a mark shows inside its badge, or alone. Shapes as in `shapes`, each drawn from an rng."""

from types import MappingProxyType

import numpy as np

from training.synthesis.patterns import PATTERNS
from training.synthesis.shapes import (
    Drawing,
    Polygon,
    Shape,
    brush,
    ellipse,
    lozenge,
    mapped,
    placed,
    polar,
    polygon,
    repeated,
    rounded,
)


def star(rng: np.random.Generator) -> Shape:
    """Four to twelve points."""
    points, inner = int(rng.integers(4, 13)), rng.uniform(0.25, 0.75)
    return (polar(np.tile([1.0, inner], points)),)


def crown(rng: np.random.Generator) -> Shape:
    """Spikes on a band, balls on the spikes at times."""
    spikes, depth = int(rng.integers(3, 6)), rng.uniform(0.3, 0.7)
    x = np.linspace(-1, 1, 2 * spikes - 1)
    y = np.where(np.arange(len(x)) % 2 == 0, -0.55 - 0.2 * np.cos(x * np.pi / 2), -0.55 + depth)
    body = np.concatenate([np.column_stack([x, y]), [(0.82, 0.5), (-0.82, 0.5)]])
    band = np.array([(-0.82, 0.6), (0.82, 0.6), (0.82, 0.78), (-0.82, 0.78)])
    balls = [placed(ellipse(0.09, 0.09), x[place], y[place] - 0.1) for place in range(0, len(x), 2)]
    return (body, band, *balls) if rng.random() < 0.6 else (body, band)


def gear(rng: np.random.Generator) -> Shape:
    """A toothed wheel with a hole."""
    teeth, root = int(rng.integers(7, 15)), rng.uniform(0.72, 0.85)
    return polar(np.tile([1.0, 1.0, root, root], teeth)), ellipse(*(rng.uniform(0.25, 0.55),) * 2)


def bolt(rng: np.random.Generator) -> Shape:
    """A flash of lightning."""
    lean = rng.uniform(0.1, 0.35)
    half = np.array([(lean, -1), (-0.5, 0.15), (-0.05, 0.12)])
    return (np.concatenate([half, -half]),)


def crescent(rng: np.random.Generator) -> Shape:
    """A moon, as a thick arc that thins to both ends."""
    reach = rng.uniform(1.6, 2.7)
    angles = np.linspace(-reach, reach, 40)
    thick = rng.uniform(0.2, 0.6) * np.cos(angles / reach * np.pi / 2)
    outer = np.column_stack([np.cos(angles), np.sin(angles)])
    return mapped((np.concatenate([outer, (outer * (1 - thick)[:, None])[::-1]]),), turn=rng.uniform(0, 2 * np.pi))


def chevrons(rng: np.random.Generator) -> Shape:
    """One to four angles above one another."""
    count, steep = int(rng.integers(1, 5)), rng.uniform(0.3, 0.9)
    pitch = (2 - steep) / count
    thick = pitch * rng.uniform(0.5, 0.8)
    angle = np.array([(-1, 0), (0, -steep), (1, 0), (1, thick), (0, thick - steep), (-1, thick)])
    flip = 1 if rng.random() < 0.6 else -1
    return tuple(placed(angle, 0, -1 + steep + place * pitch) * (0.85, flip) for place in range(count))


def stripes(rng: np.random.Generator) -> Shape:
    """Slanted bars of growing or even length."""
    count, lean = int(rng.integers(2, 7)), rng.uniform(-0.5, 0.5)
    pitch, grows = 2 / count, rng.random() < 0.5
    bars = []
    for place in range(count):
        x, high = -1 + place * pitch, 0.9 * ((place + 1) / count if grows else 1)
        wide = pitch * rng.uniform(0.5, 0.75)
        bars.append(
            np.array([(x, 0.9), (x + wide, 0.9), (x + wide + lean, 0.9 - 1.8 * high), (x + lean, 0.9 - 1.8 * high)])
        )
    return mapped(tuple(bars), turn=float(rng.choice([0, np.pi / 2])))


def rays(rng: np.random.Generator) -> Shape:
    """Wedges, blades or petals about a middle."""
    times, tip, root = int(rng.integers(3, 13)), rng.uniform(0.05, 0.9), rng.uniform(0.1, 0.9)
    half = np.pi / times * rng.uniform(0.4, 0.85)
    start, twist = rng.uniform(0.1, 0.4), rng.uniform(-0.8, 0.8) if rng.random() < 0.4 else 0.0
    blade = np.array(
        [
            (start * root * half, -start),
            (tip * half + twist, -1),
            (-tip * half + twist, -1),
            (-start * root * half, -start),
        ]
    )
    one = rounded(blade, 3) if rng.random() < 0.5 else blade
    return repeated((one * min(1.0, 1 / np.abs(one).max()),), times)


def creature(rng: np.random.Generator) -> Shape:
    """A mask or beast seen from the front: a symmetric curve of bumps and spikes, with holes for eyes."""
    count = int(rng.integers(6, 12))
    angles = np.linspace(-np.pi / 2, np.pi / 2, count)
    radii = np.clip(rng.normal(0.72, 0.24, count), 0.25, 1.0)
    right = np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None]
    outline = np.concatenate([right, (right * (-1, 1))[-2:0:-1]])
    body = rounded(outline, 3, rng.uniform(0.1, 0.25)) if rng.random() < 0.75 else outline
    holes: list[Polygon] = []
    for _ in range(int(rng.integers(0, 3))):
        eye = placed(rounded(polar(rng.uniform(0.05, 0.16, 6)), 2), rng.uniform(0.12, 0.3), rng.uniform(-0.35, 0.3))
        holes += [eye, eye * (-1, 1)]
    return (body, *holes)


def beast(rng: np.random.Generator) -> Shape:
    """A running or rearing figure, roughly: brush strokes for body, neck, limbs and tail that meet."""
    hip, breast = np.array((-0.35, 0.1)), np.array((0.35, rng.uniform(-0.3, 0.1)))
    head = np.add(breast, (rng.uniform(0.2, 0.45), -rng.uniform(0.35, 0.6)))
    strokes = [_bent(hip, breast, rng, 0.5, 0.5), _bent(breast, head, rng, 0.28, 0.4)]
    for joint in (hip, breast):
        for _ in range(2):
            foot = np.add(joint, (rng.uniform(-0.5, 0.5), rng.uniform(0.45, 0.85)))
            strokes.append(_bent(joint, foot, rng, 0.2, 0.7))
    strokes.append(_bent(hip, np.add(hip, (-rng.uniform(0.2, 0.6), rng.uniform(-0.7, 0.1))), rng, 0.14, 0.8))
    return tuple(strokes)


def ribbon(rng: np.random.Generator) -> Shape:
    """One to four sweeping brush strokes side by side."""
    count, width = int(rng.integers(1, 5)), rng.uniform(0.14, 0.5)
    control = rng.uniform(-1, 1, (4, 2))
    control[0], control[3] = (-0.95, rng.uniform(-0.6, 0.6)), (0.95, rng.uniform(-0.6, 0.6))
    step = np.array((rng.uniform(-0.15, 0.15), width * 1.25))
    squeeze = rng.uniform(0.7, 1.0, count)
    taper = rng.uniform(0, 1)
    return tuple(
        brush((control + step * (place - (count - 1) / 2)) * (squeeze[place], 0.8), width, taper)
        for place in range(count)
    )


def rosette(rng: np.random.Generator) -> Shape:
    """A bent brush stroke, turned into a wheel."""
    times = int(rng.integers(2, 8))
    control = np.array([(0.0, -0.15), (rng.uniform(-0.8, 0.8), -0.5), (rng.uniform(-0.5, 0.5), -1.0)])
    return repeated((brush(control, rng.uniform(0.15, 0.5), rng.uniform(0.2, 1)),), times)


def leaf(rng: np.random.Generator) -> Shape:
    """A leaf or drop, at times several from one stem."""
    belly = rng.uniform(0.2, 0.6)
    t = np.linspace(0, 1, 24)
    side = np.column_stack([belly * np.sin(np.pi * t ** rng.uniform(0.6, 1.5)), 1 - 2 * t])
    whole = np.concatenate([side, (side * (-1, 1))[-2:0:-1]])
    if rng.random() < 0.5:
        return (whole,)
    fan = np.linspace(-1, 1, int(rng.integers(3, 6))) * rng.uniform(0.6, 1.2)
    return tuple(mapped((placed(whole * 0.55, 0, -0.5),), turn=turn)[0] + np.array([0, 0.3]) for turn in fan)


def knot(rng: np.random.Generator) -> Shape:
    """Rings that overlap in a row or about a middle."""
    count, thick = int(rng.integers(2, 6)), rng.uniform(0.08, 0.2)
    if rng.random() < 0.5:
        places = [(x, 0.0) for x in np.linspace(-0.62, 0.62, count)]
    else:
        places = [(0.5 * np.cos(a), 0.5 * np.sin(a)) for a in np.arange(count) * 2 * np.pi / count - np.pi / 2]
    size = rng.uniform(0.3, 0.48)
    return tuple(
        p
        for place in places
        for p in (placed(ellipse(size, size), *place), placed(ellipse(size - thick, size - thick), *place))
    )


def wing(rng: np.random.Generator) -> Shape:
    """One wing, root at the left: feathers of falling length, reaching to the right."""
    count, lift, thick = int(rng.integers(3, 9)), rng.uniform(0.1, 0.6), rng.uniform(0.75, 1.0)
    pitch, shorter = rng.uniform(0.5, 0.8) / count, rng.uniform(0.35, 0.8)
    feathers = []
    for place in range(count):
        reach = 1 - (1 - shorter) * place / count
        root, tip = (
            np.array((0, place * pitch - 0.3)),
            np.array((reach, place * pitch - 0.3 - lift * (1 - place / count))),
        )
        bend = (root + tip) / 2 + (0, rng.uniform(-0.02, 0.02) + 0.12)
        feathers.append(brush(np.stack([root, bend, tip]), pitch * thick * 1.1, rng.uniform(0.3, 0.7)))
    return tuple(feathers)


def _bent(start: Polygon, end: Polygon, rng: np.random.Generator, width: float, taper: float) -> Polygon:
    middle = (start + end) / 2 + rng.normal(0, 0.12, 2)
    return brush(np.stack([start, middle, end]), width, taper)


CHARGES: MappingProxyType[str, Drawing] = MappingProxyType(
    {
        "star": star,
        "crown": crown,
        "gear": gear,
        "lightning": bolt,
        "crescent": crescent,
        "chevrons": chevrons,
        "stripes": stripes,
        "sun rays": rays,
        "mask": creature,
        "animal": beast,
        "ribbon": ribbon,
        "wheel": rosette,
        "leaf": leaf,
        "rings": knot,
        "diamond": lozenge,
        "polygon": polygon,
        **PATTERNS,
    }
)
# Strokes that cross are one ink: the even-odd rule would punch holes where they meet.
UNITED = frozenset({"animal", "ribbon", "wheel", "leaf", "sun rays", "spiral", "loop", "cross", "line figure"})
# Pieces that lie side by side, and may each have an ink of their own.
PIECEWISE = frozenset(
    {"ribbon", "leaf", "sun rays", "mosaic", "arcs", "dots", "waves", "facets", "chevrons", "stripes", "wheel"}
)
