"""Views: reference photos as enrolment works with them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import LocalFeatures


@dataclass(frozen=True, eq=False)
class View:
    """One reference at working size."""

    id: str
    pixels: NDArray[np.uint8]
    features: LocalFeatures

    @property
    def px(self) -> tuple[float, float]:
        """Width and height."""
        return float(self.pixels.shape[1]), float(self.pixels.shape[0])


@dataclass(frozen=True, eq=False)
class Member:
    """A view and its map `[3, 3]` into the anchor's photo."""

    view: View
    to_anchor: NDArray[np.float64]
