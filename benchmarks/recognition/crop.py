"""Crop: the region of a mark, cut from its photograph with a margin when it is looked at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.drawing import BoxPx, cut
from vision.errors import PhotoUnreadable

Role = Literal["reference", "genuine", "forged", "stranger"]

MARGIN = 0.1  # of the box's sides, added on each side


@dataclass(frozen=True)
class Crop:
    """Where a mark is, and whose."""

    file: Path
    box: BoxPx
    brand: str
    role: Role = "genuine"
    condition: str = ""

    def pixels(self) -> NDArray[np.uint8]:
        """RGB `[h, w, 3]`; errors: `PhotoUnreadable`."""
        found = cv2.imread(str(self.file), cv2.IMREAD_COLOR)
        if found is None:
            raise PhotoUnreadable(f"{self.file} cannot be read; restore it, or draw the set anew")
        return np.ascontiguousarray(cut(np.asarray(found[..., ::-1], np.uint8), self.box, MARGIN))
