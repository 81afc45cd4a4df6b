"""A mark in the making: the canvas, and the habits that hold one brand's elements together."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import palette, typeface
from training.synthesis.canvas import Canvas, Cover, Fill, metal
from training.synthesis.palette import RGB, Palette

_STEEL: tuple[RGB, ...] = (
    (0.72, 0.74, 0.77),
    (0.55, 0.57, 0.6),
    (0.8, 0.66, 0.36),
    (0.72, 0.5, 0.34),
    (0.3, 0.32, 0.35),
)


class Sketch:
    """A mark in the making: its canvas, its habits (relief, metal, typeface) and the words for what it shows."""

    def __init__(self, name: str, inks: Palette, size_px: int, rng: np.random.Generator) -> None:
        self.name, self.inks, self.rng = name, inks, rng
        self.canvas = Canvas(size_px, extent=1.0)
        self.relief = float(rng.choice([0.0, 0.0, rng.uniform(0.15, 0.7)]))
        self.metallic = self.relief > 0 and rng.random() < 0.7
        self.gradual = rng.random() < 0.3
        faces = typeface.carried()
        self.face = faces[int(rng.integers(len(faces)))]
        self.weight, self.spacing = float(rng.uniform(-0.6, 1.0)), float(rng.choice([0, 0, 0.05, 0.15, 0.4]))
        self.lean = float(rng.choice([0, 0, 0, rng.uniform(-0.1, 0.35)]))
        self.stretch = float(np.exp(rng.normal(0, 0.3)))  # of lettering, along x
        self.steel = _STEEL[int(rng.integers(len(_STEEL)))]
        self.lettering: str | None = None
        self.shapes: list[str] = []
        self.used: list[RGB] = []

    def chance(self, share: float) -> bool:
        """True in that share of brands."""
        return bool(self.rng.random() < share)

    def extend(self, extent: float) -> None:
        """Say, before anything is drawn, how far the mark will reach from the middle."""
        self.canvas = Canvas(self.canvas.size_px, extent)

    def fill(self, ink: RGB) -> Fill:
        """Paint of an ink in this brand's habit."""
        self.used.append(ink)
        if self.metallic and self.chance(0.25):
            return metal(ink, float(self.rng.uniform(0, np.pi)), self.rng)
        if self.gradual:
            return Fill((palette.shaded(ink, 1.25), palette.shaded(ink, 0.7)), radial=self.chance(0.3))
        return Fill((ink,))

    def rim_fill(self, ink: RGB) -> Fill:
        """Paint for a border: metal where the brand likes metal."""
        if self.metallic:
            self.used.append(self.steel)
            return metal(self.steel, float(self.rng.uniform(0.3, 2.8)), self.rng)
        return self.fill(ink)

    def paint(self, cover: Cover, fill: Fill, sunk: bool = False) -> None:
        """Lay paint on a cover in this brand's relief."""
        self.canvas.paint(cover, fill, -self.relief if sunk else self.relief)

    def typeset(self, text: str) -> NDArray[np.uint8]:
        """The text in the brand's typeface, large enough for any use of it."""
        self.lettering = text if self.lettering is None else f"{self.lettering} {text}"
        size = max(24, round(self.canvas.size_px * (0.5 if len(text) > 2 else 0.8)))
        drawn = self.face.draw(text, size, self.weight, self.spacing if len(text) > 2 else 0.0)
        width = max(8, round(drawn.shape[1] * self.stretch))
        return np.asarray(cv2.resize(drawn, (width, drawn.shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)

    def cased(self) -> str:
        """The name in capitals, mostly, or as a word."""
        return (self.name.upper(), self.name.upper(), self.name, self.name.lower())[int(self.rng.integers(4))]
