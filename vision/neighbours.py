"""Nearest references of query vectors, as a gallery answers them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The `K` nearest reference vectors of each of `Q` queries, nearest first."""

    distance: NDArray[np.float32]  # [Q, K] cosine distance 1 - cos, 0..2; inf where fewer than K exist
    reference: NDArray[np.object_]  # [Q, K] reference id; "" where fewer than K exist
    brand: NDArray[np.object_]  # [Q, K] brand id; "" where fewer than K exist

    def best_by_brand(self) -> dict[str, float]:
        """Smallest distance of any query to each brand seen, nearest brand first."""
        best: dict[str, float] = {}
        for brand, distance in zip(self.brand.ravel(), self.distance.ravel(), strict=True):
            if brand and float(distance) < best.get(brand, np.inf):
                best[brand] = float(distance)
        return dict(sorted(best.items(), key=lambda item: item[1]))
