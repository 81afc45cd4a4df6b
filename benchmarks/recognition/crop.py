"""Crop: the region of a mark, cut from its photograph with a margin when it is looked at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.errors import PhotoUnreadable

Role = Literal["reference", "genuine", "forged", "stranger"]
BoxPx = tuple[float, float, float, float]  # x0 y0 x1 y1

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
        return cut(np.asarray(found[..., ::-1], np.uint8), self.box)


def cut(photo: NDArray[np.uint8], box: BoxPx) -> NDArray[np.uint8]:
    """A box of a photo `[H, W, 3]` with its margin, as far as the photo goes."""
    x0, y0, x1, y1 = box
    across, down = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
    rows = slice(max(0, round(y0 - down)), round(y1 + down))
    columns = slice(max(0, round(x0 - across)), round(x1 + across))
    return np.ascontiguousarray(photo[rows, columns])
