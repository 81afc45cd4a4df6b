"""Fictional brands by the ten thousand: an invented name and a mark drawn from a seed.

Marks follow the families real ones fall into: badges with borders and charges, ringed badges with words,
bare symbols, monograms, wordmarks, symbols with a wordmark, winged, bannered and pierced ones, labels. Every
choice comes from the seed, and a brand is drawn in a few tens of milliseconds, so nothing needs to be stored.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthesis import artwork, names, palette
from training.synthesis.families import FAMILIES, SHARES
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
    family = FAMILIES[int(rng.choice(len(FAMILIES), p=SHARES))]
    family(sketch)
    return _finished(sketch)


def _finished(sketch: Sketch) -> FictionalBrand:
    colours = tuple(dict.fromkeys(palette.word(ink) for ink in sketch.used))[:3]
    pixels = artwork.fit(sketch.canvas.pixels(), sketch.canvas.size_px)
    product = PRODUCTS[int(sketch.rng.integers(len(PRODUCTS)))]
    return FictionalBrand(sketch.name, pixels, sketch.lettering, tuple(sketch.shapes[:3]), colours, product)
