"""The families of marks: each lays out one mark on a sketch, from the elements."""

from collections.abc import Callable

import numpy as np

from training.synthesis import names
from training.synthesis.charges import CHARGES, UNITED, wing
from training.synthesis.elements import badge, banner, charge, ring_text, word
from training.synthesis.palette import RGB
from training.synthesis.shapes import BADGES, ellipse, mapped, rounded
from training.synthesis.sketch import Sketch

_SOLID = ("mask", "star", "gear", "sun rays", "leaf")  # charges with room for a hole


def _charged_badge(sketch: Sketch) -> None:
    """A badge with a symbol, letters or a word in it."""
    _, ground, inside = badge(sketch)
    _content(sketch, ground, inside * 0.62)


def _ringed_badge(sketch: Sketch) -> None:
    """A disc whose broad border carries words, with a symbol or letters in the middle."""
    rng, ground = sketch.rng, sketch.inks.inks[0]
    sketch.shapes.append("disc")
    rim = sketch.inks.unlike(ground, rng)
    sketch.paint(sketch.canvas.cover((ellipse(),)), sketch.rim_fill(rim))
    sketch.paint(sketch.canvas.cover(mapped((ellipse(),), rng.uniform(0.93, 0.97))), sketch.fill(ground))
    height = rng.uniform(0.12, 0.2)
    inner = 0.87 - height - rng.uniform(0.03, 0.08)
    ring_text(sketch, ground, 0.9 - height, height)
    if sketch.chance(0.75):
        line = sketch.canvas.line(mapped((ellipse(),), inner), rng.uniform(0.015, 0.05))
        sketch.paint(line, sketch.rim_fill(rim))
    if sketch.chance(0.5):
        ground = sketch.inks.unlike(ground, rng)
        sketch.paint(sketch.canvas.cover(mapped((ellipse(),), inner)), sketch.fill(ground), sunk=True)
    _content(sketch, ground, inner * 0.68)


def _symbol(sketch: Sketch) -> None:
    """One to three bare charges on one another."""
    ground: RGB | None = None
    scale = 1.0
    for _ in range(int(sketch.rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))):
        charge(sketch, ground, scale)
        ground, scale = sketch.used[-1], scale * sketch.rng.uniform(0.4, 0.6)


def _monogram(sketch: Sketch) -> None:
    """One to three letters that overlap, alone or in a badge."""
    if sketch.chance(0.5):
        _, ground, inside = badge(sketch)
        _letters(sketch, ground, inside * 0.6)
    else:
        _letters(sketch, None, 0.9)


def _wordmark(sketch: Sketch) -> None:
    """The name alone, at times with a bar, a frame, a first letter of its own or a second line."""
    rng = sketch.rng
    word(sketch, sketch.cased(), None, 2.0, 0.9, (0, 0))
    if sketch.chance(0.3):
        height = rng.uniform(0.03, 0.1)
        bar = np.array([(-1, 0), (1, 0), (1 - height, height), (-1 + height, height)]) * (rng.uniform(0.5, 1), 1)
        at = (0.0, float(rng.choice([-1, 1])) * rng.uniform(0.5, 0.6))
        sketch.paint(sketch.canvas.cover(mapped((bar,), at=at)), sketch.fill(sketch.inks.inks[-1]))
        sketch.shapes.append("bar")
    elif sketch.chance(0.3):
        word(sketch, names.invent(rng).upper(), None, rng.uniform(0.8, 1.6), 0.18, (0, 0.62))
    sketch.shapes.append("word")


def _labelled(sketch: Sketch) -> None:
    """A symbol or badge with the name below it or beside it."""
    rng = sketch.rng
    below = sketch.chance(0.6)
    at = (0.0, -0.28) if below else (-0.6, 0.0)
    scale = 0.66 if below else 0.4
    if sketch.chance(0.5):
        _, ground, inside = badge(sketch, scale, at)
        _content(sketch, ground, scale * inside * 0.6, at)
    else:
        charge(sketch, None, scale, at)
    place = (0.0, 0.66) if below else (0.47, 0.0)
    word(sketch, sketch.cased(), None, rng.uniform(1.2, 1.9) if below else 1.1, rng.uniform(0.2, 0.34), place)


def _winged(sketch: Sketch) -> None:
    """A small badge between two wings."""
    rng, feathers = sketch.rng, wing(sketch.rng)
    sketch.shapes.append("winged")
    reach, start = rng.uniform(0.65, 0.85), rng.uniform(0.1, 0.2)
    right = mapped(feathers, (reach, reach), at=(start, 0.0))
    left = mapped(feathers, (-reach, reach), at=(-start, 0.0))
    sketch.paint(sketch.canvas.cover((*right, *left), united=True), sketch.rim_fill(sketch.inks.inks[-1]))
    scale = rng.uniform(0.26, 0.4)
    _, ground, inside = badge(sketch, scale)
    _content(sketch, ground, scale * inside * 0.6)


def _bannered(sketch: Sketch) -> None:
    """A badge or a charge with a banner across that carries the name."""
    rng = sketch.rng
    if sketch.chance(0.7):
        _, ground, inside = badge(sketch, 0.85)
        if sketch.chance(0.6):
            charge(sketch, ground, 0.7 * inside)
    else:
        charge(sketch, None, 0.9)
        ground = sketch.used[-1]
    at = (0.0, float(rng.choice([0.0, rng.uniform(-0.3, 0.45)])))
    banner(sketch, sketch.cased(), ground, rng.uniform(1.4, 2.0), rng.uniform(0.25, 0.45), at)
    sketch.shapes.append("banner")


def _pierced(sketch: Sketch) -> None:
    """A solid shape with a letter or a charge cut out of it, so that the ground shows through."""
    rng = sketch.rng
    kind = str(rng.choice(list(BADGES))) if sketch.chance(0.5) else str(rng.choice(_SOLID))
    drawing = BADGES.get(kind) or CHARGES[kind]
    sketch.shapes.append(kind)
    solid = sketch.canvas.cover(drawing(rng), united=kind in UNITED)
    sketch.paint(solid, sketch.fill(sketch.inks.free(rng)))
    if sketch.chance(0.5):
        drawn = sketch.typeset(sketch.name[0])
        sketch.canvas.cut(sketch.canvas.text(drawn, (0, 0), rng.uniform(0.6, 1.0), sketch.lean))
    else:
        inner = str(rng.choice(list(CHARGES)))
        sketch.canvas.cut(sketch.canvas.cover(mapped(CHARGES[inner](rng), 0.5), united=inner in UNITED))
        sketch.shapes.append(inner)


def _packed(sketch: Sketch) -> None:
    """A label as on a package: a field with bands, the name large, a line or two of small words, a small charge."""
    rng = sketch.rng
    height, ground = rng.uniform(0.45, 0.95), sketch.inks.inks[0]
    field = np.array([(-1, -height), (1, -height), (1, height), (-1, height)])
    outline = (rounded(field, 3, rng.uniform(0.02, 0.12)),) if sketch.chance(0.6) else (field,)
    sketch.shapes.append("label")
    cover = sketch.canvas.cover(outline)
    sketch.paint(cover, sketch.fill(ground))
    for side in (-1, 1):
        if sketch.chance(0.5):
            band = mapped((field,), (1.0, rng.uniform(0.05, 0.16)), at=(0, side * height * rng.uniform(0.7, 0.95)))
            stripe = np.asarray(sketch.canvas.cover(band) * cover, dtype=np.float32)
            sketch.canvas.paint(stripe, sketch.fill(sketch.inks.unlike(ground, rng)))
    word(sketch, sketch.cased(), ground, rng.uniform(1.2, 1.8), height * rng.uniform(0.5, 0.8), (0, -0.1 * height))
    word(
        sketch,
        f"{names.invent(rng)} {names.invent(rng)}".upper(),
        ground,
        rng.uniform(0.7, 1.4),
        0.1,
        (0, 0.5 * height),
    )
    if sketch.chance(0.5):
        charge(sketch, ground, 0.22 * height, (0.0, -0.62 * height))


# --- what stands in the middle ------------------------------------------------------------------


def _content(sketch: Sketch, ground: RGB, scale: float, at: tuple[float, float] = (0.0, 0.0)) -> None:
    """A charge, letters, a word, or a charge over a word, within `scale` units of a place."""
    way = sketch.rng.random()
    if way < 0.45:
        charge(sketch, ground, scale, at)
    elif way < 0.65:
        _letters(sketch, ground, scale, at)
    elif way < 0.85:
        word(sketch, sketch.cased(), ground, 2.1 * scale, scale, at)
    else:
        charge(sketch, ground, scale * 0.62, (at[0], at[1] - 0.35 * scale))
        word(sketch, sketch.cased(), ground, 1.7 * scale, scale * 0.5, (at[0], at[1] + 0.6 * scale))


def _letters(sketch: Sketch, ground: RGB | None, scale: float, at: tuple[float, float] = (0.0, 0.0)) -> None:
    """Initials side by side, one over another, in one or in several inks."""
    rng = sketch.rng
    initials = (sketch.name + names.invent(rng) + names.invent(rng)).upper()
    text = initials[:: max(1, len(initials) // 3)][: int(rng.integers(1, 4))]
    pitch = rng.uniform(0.3, 0.8)  # of a letter's width
    size = 2 * scale / (1 + (len(text) - 1) * pitch)
    rise = scale * float(rng.choice([0.0, 0.0, rng.uniform(-0.3, 0.3)]))
    for place, letter in enumerate(text):
        away = place - (len(text) - 1) / 2
        word(sketch, letter, ground, size, 2 * scale, (at[0] + away * size * pitch, at[1] + away * rise))
    sketch.lettering = text
    sketch.shapes.append("monogram")


FAMILIES: tuple[Callable[[Sketch], None], ...] = (
    _charged_badge,
    _ringed_badge,
    _symbol,
    _monogram,
    _wordmark,
    _labelled,
    _winged,
    _bannered,
    _pierced,
    _packed,
)
SHARES = (0.19, 0.11, 0.13, 0.09, 0.11, 0.14, 0.06, 0.07, 0.06, 0.04)
