"""Abstract charges, as modern logos use them: tiles, arcs, dots, spirals, loops, waves. Shapes as in `shapes`."""

from types import MappingProxyType

import numpy as np

from training.synthesis.shapes import Drawing, Polygon, Shape, brush, ellipse, mapped, placed, polar, repeated, rounded


def mosaic(rng: np.random.Generator) -> Shape:
    """A grid of squares, discs, quarter discs and triangles, some cells empty, at times symmetric."""
    count, symmetric = int(rng.integers(2, 5)), rng.random() < 0.5
    side = 2 / count
    tiles: list[Polygon] = []
    for x in range((count + 1) // 2 if symmetric else count):
        for y in range(count):
            tile = placed(_tile(rng) * side / 2 * 0.94, -1 + (x + 0.5) * side, -1 + (y + 0.5) * side)
            mirrored = symmetric and x != count - 1 - x
            tiles += ([tile, tile * (-1, 1)] if mirrored else [tile]) if rng.random() < 0.8 else []
    return tuple(tiles) if tiles else (ellipse(),)


def _tile(rng: np.random.Generator) -> Polygon:
    """A figure in the square from -1 to 1."""
    square = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    quarter_turn = np.linspace(0, np.pi / 2, 16)
    quarter = np.column_stack([np.cos(quarter_turn), np.sin(quarter_turn)]) * 2 - 1
    figures = (square, ellipse(), np.concatenate([quarter, [(-1.0, -1.0)]]), square[:3], rounded(square, 3, 0.12))
    figure = figures[int(rng.integers(len(figures)))]
    return mapped((figure,), turn=float(rng.integers(4)) * np.pi / 2)[0]


def arcs(rng: np.random.Generator) -> Shape:
    """Concentric arcs of one opening."""
    count, reach, start = int(rng.integers(2, 6)), rng.uniform(0.6, 2.8), rng.uniform(0.1, 0.4)
    pitch, turn = (1 - start) / count, float(rng.choice([0, np.pi / 2, np.pi / 4, np.pi]))
    angles = np.linspace(-reach, reach, 48)
    unit = np.column_stack([np.sin(angles), -np.cos(angles)])
    share = rng.uniform(0.45, 0.8)
    radii = start + pitch * np.arange(count)
    bands = tuple(np.concatenate([unit * radius, (unit * (radius + pitch * share))[::-1]]) for radius in radii)
    return mapped(bands, turn=turn)


def halftone(rng: np.random.Generator) -> Shape:
    """Dots in a disc or square, growing in one direction or towards the middle."""
    count, inwards, boxed = int(rng.integers(4, 8)), rng.random() < 0.5, rng.random() < 0.4
    places = np.linspace(-1, 1, count) * (1 - 0.5 / count)
    dots = []
    for x in places:
        for y in places:
            far = np.hypot(x, y)
            grown = 1 - 0.7 * far if inwards else 0.35 + 0.65 * (x + 1) / 2
            if (boxed or far < 1) and grown > 0.1:
                dots.append(placed(polar(np.ones(20)) * grown * 0.95 / count, x, y))
    return tuple(dots)


def spiral(rng: np.random.Generator) -> Shape:
    """One to three arms winding outwards."""
    turns, arms = rng.uniform(0.6, 2.2), int(rng.integers(1, 4))
    t = np.linspace(0.12, 1, 90)[:, None]
    angle = 2 * np.pi * turns * t
    pitch = 1 / (turns * arms)
    half = np.minimum(0.28 * pitch, 0.2) * t ** rng.uniform(0.2, 1)
    unit = np.column_stack([np.cos(angle), np.sin(angle)])
    arm = np.concatenate([unit * (t + half), (unit * (t - half))[::-1]]) / 1.2
    return repeated((arm,), arms)


def loop(rng: np.random.Generator) -> Shape:
    """A closed band that crosses itself, as one line drawn without lifting the pen."""
    t = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    over, under = int(rng.integers(1, 4)), int(rng.integers(2, 6))
    depth = rng.uniform(0.3, 0.9)
    radius = 1 + depth * np.cos(under * t)
    curve = np.column_stack([np.cos(over * t), np.sin(over * t)]) * radius[:, None]
    curve = curve / (np.abs(curve).max() * 1.15)
    along = np.roll(curve, -1, axis=0) - np.roll(curve, 1, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
    half = rng.uniform(0.04, 0.11)
    outer, inner = curve + normal * half, curve - normal * half
    following = np.roll(np.arange(len(t)), -1)
    return tuple(np.stack([outer[a], outer[b], inner[b], inner[a]]) for a, b in enumerate(following))


def waves(rng: np.random.Generator) -> Shape:
    """Two to five wavy bands under one another."""
    count, swing, bends = int(rng.integers(2, 6)), rng.uniform(0.05, 0.25), rng.uniform(0.5, 2)
    pitch = 2 / count
    x = np.linspace(-1, 1, 60)
    lean = rng.uniform(0, 2 * np.pi)
    crest = swing * np.sin(np.pi * bends * x + lean)
    thick = pitch * rng.uniform(0.35, 0.65)
    bands = []
    for place in range(count):
        y = -1 + pitch * (place + 0.2) + crest
        bands.append(np.concatenate([np.column_stack([x, y]), np.column_stack([x, y + thick])[::-1]]))
    return tuple(np.clip(band, -1, 1) for band in bands)


def weave(rng: np.random.Generator) -> Shape:
    """A star of straight bars through the middle, or a cross of unequal arms."""
    bars, half = int(rng.integers(2, 5)), rng.uniform(0.08, 0.2)
    flare = rng.uniform(0.6, 2.2)
    bar = np.array(
        [(-half * flare, -1), (half * flare, -1), (half, 0), (half * flare, 1), (-half * flare, 1), (-half, 0)]
    )
    return tuple(mapped((bar,), turn=np.pi * place / bars)[0] for place in range(bars))


def facets(rng: np.random.Generator) -> Shape:
    """A cut gem or folded sheet: triangles between an outline and an inner point, with gaps."""
    sides, gap = int(rng.integers(4, 9)), rng.uniform(0.86, 0.97)
    outline = polar(rng.uniform(0.75, 1.0, sides))
    inner = rng.uniform(-0.25, 0.25, 2)
    cuts = []
    for place in range(sides):
        triangle = np.stack([outline[place], outline[(place + 1) % sides], inner])
        cuts.append(triangle.mean(0) + (triangle - triangle.mean(0)) * gap)
    return tuple(cuts)


def monoline(rng: np.random.Generator) -> Shape:
    """A figure of thin lines of one width: a few curves, mirrored."""
    count, width = int(rng.integers(2, 6)), rng.uniform(0.05, 0.1)
    lines = [brush(rng.uniform(-1, 1, (4, 2)), width, 0.0) for _ in range(count)]
    return tuple(piece for line in lines for piece in (line, line * (-1, 1)))


PATTERNS: MappingProxyType[str, Drawing] = MappingProxyType(
    {
        "mosaic": mosaic,
        "arcs": arcs,
        "dots": halftone,
        "spiral": spiral,
        "loop": loop,
        "waves": waves,
        "cross": weave,
        "facets": facets,
        "line figure": monoline,
    }
)
