"""Imprints: marks as they are to stand on a scene's goods, and the cast of a scene."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthesis.product import FINISHES

Rgba = NDArray[np.uint8]  # [h, w, 4], straight alpha
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Imprint:
    """A brand's mark as one maker puts it on goods: the brand's own design, or an altered one."""

    brand: str
    pixels: Rgba  # [A, A, 4]
    genuine: Rgba  # [A, A, 4] the brand's design, which decides what goods the mark stands on
    alteration: str = ""  # empty for the brand's own design
    severity: int = 0
    listed: bool = True  # of the brand that the listing is about, not of a bystander


@dataclass(frozen=True, eq=False)
class Cast:
    """Whose marks a scene shows. Without any imprint it shows none."""

    listed: Imprint | None  # of the brand that the listing is about
    strangers: tuple[Imprint, ...] = ()
    finishes: tuple[str, ...] = ("printed", "printed", "printed", *FINISHES)  # drawn evenly
    stranger_share: float = 0.35  # of the marks beside the first

    def first(self, rng: Rng) -> Imprint | None:
        """The mark that the picture is about."""
        return self.listed if self.listed is not None else self.other(rng)

    def other(self, rng: Rng) -> Imprint | None:
        """A bystander's mark."""
        return self.strangers[int(rng.integers(len(self.strangers)))] if self.strangers else None

    def next(self, rng: Rng) -> Imprint | None:
        """One more mark."""
        if self.listed is None or (self.strangers and rng.random() < self.stranger_share):
            return self.other(rng)
        return self.listed

    def finish(self, rng: Rng) -> str:
        """How a mark is put on."""
        return self.finishes[int(rng.integers(len(self.finishes)))]
