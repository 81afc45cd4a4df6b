"""Fictional brands by the ten thousand: an invented name and a mark drawn from a seed.

Marks follow the families real ones fall into: badges with borders and charges, ringed badges with words,
bare symbols, monograms, wordmarks, symbols with a wordmark, winged badges. Every choice comes from the
seed, and a brand is drawn in a few tens of milliseconds, so nothing needs to be stored.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthesis import artwork, names, palette
from training.synthesis.charges import wing
from training.synthesis.elements import badge, charge, ring_text, word
from training.synthesis.palette import RGB
from training.synthesis.shapes import ellipse, mapped
from training.synthesis.sketch import Sketch

PRODUCTS = ("emblem", "valve cap", "key ring", "label", "bag", "garment")
_SEED = 0x70C5  # sets these draws apart from other uses of the same seed


@dataclass(frozen=True, eq=False)
class FictionalBrand:
    """A brand that does not exist."""

    name: str
    artwork: NDArray[np.uint8]  # [S, S, 4] RGBA, straight alpha
    lettering: str | None  # as it stands on the mark, None where the mark has no letters
    shapes: tuple[str, ...]  # words for what is drawn
    colours: tuple[str, ...]  # words for its inks, first used first
    product: str  # one of PRODUCTS, for captions

    @property
    def caption(self) -> str:
        """A sentence to train a text tower on."""
        text = f' with the lettering "{self.lettering}"' if self.lettering else ""
        article = "an" if self.product[0] in "aeiou" else "a"
        return f"a {' and '.join(self.colours)} {' '.join(self.shapes)} mark{text} on {article} {self.product}"


def draw(seed: int, size_px: int = 384) -> FictionalBrand:
    """The brand of a seed; the same on every machine with the same typefaces."""
    rng = np.random.default_rng([seed, _SEED])
    sketch = Sketch(names.invent(rng), palette.pick(rng), size_px, rng)
    family = _FAMILIES[int(rng.choice(len(_FAMILIES), p=_FAMILY_SHARES))]
    family(sketch)
    return _finished(sketch)


def _finished(sketch: Sketch) -> FictionalBrand:
    colours = tuple(dict.fromkeys(palette.word(ink) for ink in sketch.used))[:3]
    pixels = artwork.fit(sketch.canvas.pixels(), sketch.canvas.size_px)
    product = PRODUCTS[int(sketch.rng.integers(len(PRODUCTS)))]
    return FictionalBrand(sketch.name, pixels, sketch.lettering, tuple(sketch.shapes[:3]), colours, product)


# --- families -----------------------------------------------------------------------------------


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


_FAMILIES: tuple[Callable[[Sketch], None], ...] = (
    _charged_badge,
    _ringed_badge,
    _symbol,
    _monogram,
    _wordmark,
    _labelled,
    _winged,
)
_FAMILY_SHARES = (0.22, 0.14, 0.13, 0.12, 0.13, 0.18, 0.08)


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
