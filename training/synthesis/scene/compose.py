"""Composing: one scene of one of the compositions, its overlays and its file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from training.synthesis.scene.advert import advert
from training.synthesis.scene.closeup import closeup
from training.synthesis.scene.collage import collage
from training.synthesis.scene.held import held
from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.lying import lying
from training.synthesis.scene.monogram import monogram
from training.synthesis.scene.overlay import overlay
from training.synthesis.scene.page import page
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.shelf import shelf
from training.synthesis.scene.staging import Size
from training.synthesis.scene.standing import Standing
from vision.camera import sensor
from vision.camera.conditions import PRESETS, Conditions

Rng = np.random.Generator
_PHOTOGRAPHS = (lying, lying, held, closeup)  # what collages and pages show

COMPOSITIONS: Mapping[str, Callable[[Size, Cast, Conditions, Rng], Sheet]] = MappingProxyType(
    {
        "lying": lying,
        "held": held,
        "closeup": closeup,
        "shelf": shelf,
        "monogram": monogram,
        "advert": advert,
        "collage": partial(collage, takes=_PHOTOGRAPHS),
        "page": partial(page, takes=_PHOTOGRAPHS),
    }
)
SHARES = (0.34, 0.15, 0.1, 0.1, 0.07, 0.08, 0.08, 0.08)  # of COMPOSITIONS
FRAMES = ((4, 3), (3, 4), (1, 1), (9, 16), (16, 10))  # width to height
_CLUTTERED = 8  # things from which a scene is one of high clutter
_BUSY = 3


@dataclass(frozen=True, eq=False)
class Scene:
    """A listing photograph and all marks that can be seen in it."""

    photo: NDArray[np.uint8]  # [H, W, 3] sRGB
    marks: tuple[Standing, ...]
    composition: str
    overlaid: bool
    things: int  # laid into it, with and without a mark

    @property
    def clutter(self) -> str:
        """low, medium or high, by how many things there are."""
        return "low" if self.things < _BUSY else "medium" if self.things < _CLUTTERED else "high"


def compose(
    cast: Cast,
    rng: Rng,
    long_side_px: int = 512,
    composition: str | None = None,
    condition: str = "mild",
    overlay_share: float = 0.2,
) -> Scene:
    """A scene of one of `COMPOSITIONS` (by chance where none is named) under one of the camera's presets."""
    conditions = PRESETS[condition]
    drawn = str(rng.choice(list(COMPOSITIONS), p=SHARES))
    chosen = composition or drawn
    size = _size(chosen, long_side_px, rng)
    sheet = COMPOSITIONS[chosen](size, cast, conditions, rng)
    overlaid = bool(rng.random() < overlay_share)
    if overlaid:
        overlay(sheet, rng)
    photo = sensor.file(sheet.photo, conditions, rng)
    marks = (mark.within(*sheet.size) for mark in sheet.marks)
    seen = tuple(mark for mark in marks if mark.mask.size and mark.box is not None)
    return Scene(photo, seen, chosen, overlaid, sheet.things)


def _size(composition: str, long_side_px: int, rng: Rng) -> Size:
    """(width, height) px of one of the frames; pages stand upright."""
    across, down = FRAMES[int(rng.integers(len(FRAMES)))]
    if composition == "page" and across > down and rng.random() < 0.7:
        across, down = down, across
    longer = max(across, down)
    return round(long_side_px * across / longer), round(long_side_px * down / longer)
