"""Collage: two to six photographs of one listing in one picture."""

from collections.abc import Callable

import numpy as np

from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import Size
from vision.camera.conditions import Conditions

Rng = np.random.Generator
Take = Callable[[Size, Cast, Conditions, Rng], Sheet]

_GRIDS = ((2, 1), (1, 2), (2, 2), (3, 2), (3, 1), (2, 3))  # columns, rows


def collage(size: Size, cast: Cast, conditions: Conditions, rng: Rng, takes: tuple[Take, ...]) -> Sheet:
    """A grid of photographs, each by one of `takes`, on a plain sheet with gaps."""
    columns, rows = _GRIDS[int(rng.integers(len(_GRIDS)))]
    level = int(rng.choice([255, 255, 235, 20]))
    sheet = Sheet.blank(*size, (level, level, level))
    gap = int(rng.choice([0, 2, 6, 12]))
    across, down = (size[0] - gap * (columns + 1)) // columns, (size[1] - gap * (rows + 1)) // rows
    for row in range(rows):
        for column in range(columns):
            take = takes[int(rng.integers(len(takes)))]
            part = take((across, down), cast, conditions, rng)
            sheet.paste(part, gap + column * (across + gap), gap + row * (down + gap))
    return sheet
