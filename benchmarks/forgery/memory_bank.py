"""Memory bank: how far a picture's patches are from all patches of genuine pictures.

PatchCore (Roth, Pemula, Zepeda, Schölkopf, Brox, Gehler, "Towards total recall in industrial anomaly detection", CVPR
2022): locally aware patch features (section 3.1), a bank of the genuine ones, and the largest distance of a patch to
its nearest in the bank as the score (equation 6, without the reweighting of equation 7). The coreset of section 3.2
is left out: it saves time on banks of hundreds of pictures, and ours hold eight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

PATCH = 3  # cells a side that a patch's feature is averaged over


class Bank(Protocol):
    """What was kept of a brand's genuine pictures."""

    def score(self, maps: NDArray[np.float32], keep: NDArray[np.bool_] | None) -> float:
        """How unlike the genuine the feature map `[1, C, h, w]` of a picture is, over the cells to keep `[h, w]`."""
        ...


# Makes a bank of `N` genuine feature maps `[N, C, h, w]`, over the cells to keep `[N, h, w]`.
BankMaker = Callable[[NDArray[np.float32], NDArray[np.bool_] | None], Bank]


@dataclass(frozen=True, eq=False)
class MemoryBank:
    """`P` genuine patch features."""

    patches: NDArray[np.float32]  # [P, C]

    @classmethod
    def of(cls, maps: NDArray[np.float32], keep: NDArray[np.bool_] | None = None) -> "MemoryBank":
        """Of `N` feature maps `[N, C, h, w]`, over the cells to keep `[N, h, w]`."""
        return cls(_kept(locally_aware(maps), keep))

    def score(self, maps: NDArray[np.float32], keep: NDArray[np.bool_] | None = None) -> float:
        """The largest distance of a patch to its nearest in the bank."""
        found = _kept(locally_aware(maps), None if keep is None else keep[None])
        return float(nearest(found, self.patches).max())


def _kept(patches: NDArray[np.float32], keep: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """Patches `[P, C]` of `[N, h, w, C]`; all of them where nothing would be kept."""
    if keep is None or not keep.any():
        return patches.reshape(-1, patches.shape[-1])
    return patches[keep]


def locally_aware(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each cell's mean over its `PATCH x PATCH` neighbourhood, `[N, C, h, w]` -> `[N, h, w, C]`."""
    reach = PATCH // 2
    height, width = maps.shape[2:]
    padded = np.pad(maps, ((0, 0), (0, 0), (reach, reach), (reach, reach)), mode="edge")
    shifted: Sequence[NDArray[np.float32]] = [
        padded[:, :, y : y + height, x : x + width] for y in range(PATCH) for x in range(PATCH)
    ]
    mean = sum(shifted[1:], start=shifted[0]) / np.float32(len(shifted))
    return np.ascontiguousarray(mean.transpose(0, 2, 3, 1))


def nearest(queries: NDArray[np.float32], bank: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distance of each query `[Q, C]` to its nearest in the bank `[P, C]`: `[Q]`."""
    squared = (queries**2).sum(1)[:, None] - 2 * queries @ bank.T + (bank**2).sum(1)[None]
    return np.asarray(np.sqrt(np.maximum(squared.min(axis=1), 0)), np.float32)


def cells_of(mark: NDArray[np.bool_], height: int, width: int) -> NDArray[np.bool_]:
    """Cells `[height, width]` of a feature map that a mark `[S, S]` covers by a fifth or more."""
    row = np.linspace(0, mark.shape[0], height + 1).astype(int)
    column = np.linspace(0, mark.shape[1], width + 1).astype(int)
    share = [[mark[y0:y1, x0:x1].mean() for x0, x1 in pairwise(column)] for y0, y1 in pairwise(row)]
    return np.asarray(np.array(share) >= 0.2, np.bool_)
