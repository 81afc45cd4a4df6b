"""The look: one photo made ready to be held against references."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.finding.neighbours import Neighbours
from vision.geometry.features import LocalFeatures
from vision.regions.region import Region


@dataclass(frozen=True, eq=False)
class Look:
    """Pixels, local features, and regions with what lies near them."""

    pixels: NDArray[np.uint8]  # [H, W, 3]
    features: LocalFeatures  # in px of these pixels
    regions: tuple[Region, ...]  # R
    vectors: NDArray[np.float32]  # [R, D] of the regions
    near: Neighbours  # [R, K] of the regions
    distances: dict[str, float]  # brand -> distance of its nearest vector, nearest first
    voted: tuple[str, ...] = ()  # brands that its features speak for, where they were asked; at the end, all so named
    spot: Region | None = None  # where it was taken from nearer; None of the photo as a whole

    def resembling(self, brand: str) -> Region:
        """The region that lies nearest to a brand; the first where none is known to be near it."""
        rows, columns = np.nonzero(self.near.brand == brand)
        if not len(rows):
            return self.regions[0]
        return self.regions[int(rows[np.argmin(self.near.distance[rows, columns])])]

    def brands_at(self, index: int) -> tuple[str, ...]:
        """The brands near one region, nearest first."""
        return tuple(dict.fromkeys(brand for brand in self.near.brand[index] if brand))
