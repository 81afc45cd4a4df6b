"""Nearest references of query vectors, as a gallery answers them."""

from collections.abc import Sequence
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

    def without(self, out: NDArray[np.bool_], k: int) -> "Neighbours":
        """The `k` nearest of each query that are not `out` `[Q, K]`, of those that are here."""
        kept = np.argsort(out, axis=1, kind="stable")[:, :k]  # [Q, k]; those that are out come last
        row = np.arange(len(out))[:, None]
        blank = out[row, kept]
        return Neighbours(
            np.where(blank, np.float32(np.inf), self.distance[row, kept]),
            np.where(blank, "", self.reference[row, kept]),
            np.where(blank, "", self.brand[row, kept]),
        )


def nearest_of(parts: Sequence[Neighbours], queries: int, k: int) -> Neighbours:
    """The `k` nearest of `Q` queries among what several searches of them gave; equally near ones in their order."""
    none = Neighbours(np.full((queries, k), np.inf, np.float32), *(np.full((queries, k), "", np.object_),) * 2)
    distance = np.concatenate([part.distance for part in (*parts, none)], axis=1)  # [Q, all K]
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]

    def ordered(labels: list[NDArray[np.object_]]) -> NDArray[np.object_]:
        return np.take_along_axis(np.concatenate(labels, axis=1), order, axis=1)

    return Neighbours(
        np.take_along_axis(distance, order, axis=1),
        ordered([*(part.reference for part in parts), none.reference]),
        ordered([*(part.brand for part in parts), none.brand]),
    )
