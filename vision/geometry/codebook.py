"""Codebook: local features as codewords, so that those of a thousand brands can be asked at once.

A descriptor is named by the centre that it lies nearest to and signed by which side of it it lies on along 64
directions: few bits differ between two photographs of one place. (Jegou, Douze, Schmid, "Hamming embedding and weak
geometric consistency", ECCV 2008.) The centres were found by `training/codebook.py`; a gallery coded by others is
rebuilt.
"""

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import root

FILE = Path(__file__).with_name("codebook.npz")
SIGNED_BITS = 64
_ARRAYS = ("centres", "directions", "rarity")
_TOGETHER = 512  # descriptors compared with all centres at once: some 40 MB


@dataclass(frozen=True, eq=False)
class Codewords:
    """`F` descriptors by the `M` centres nearest to each."""

    word: NDArray[np.uint16]  # [F, M] number of the centre, nearest first
    signature: NDArray[np.uint64]  # [F, M] the sides of that centre it lies on

    def __len__(self) -> int:
        return len(self.word)


@dataclass(frozen=True, eq=False)
class Codebook:
    """`W` centres, and how much each tells."""

    centres: NDArray[np.float32]  # [W, 128] of `root` descriptors
    directions: NDArray[np.float32]  # [SIGNED_BITS, 128] at right angles
    rarity: NDArray[np.float32]  # [W] log of photographs to one that shows it (inverse document frequency)

    @classmethod
    def load(cls, path: Path) -> Self:
        """From a file that `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(*(np.asarray(arrays[name], np.float32) for name in _ARRAYS))

    def save(self, path: Path) -> None:
        """Write as one file, of half precision."""
        half = (array.astype(np.float16) for array in (self.centres, self.directions, self.rarity))
        np.savez_compressed(path, **dict(zip(_ARRAYS, half, strict=True)), allow_pickle=False)

    def words(self, descriptors: NDArray[np.uint8], most: int) -> Codewords:
        """The codewords of SIFT descriptors `[F, 128]`, each by the `most` centres nearest to it."""
        rooted = root(descriptors)
        starts = range(0, len(rooted), _TOGETHER)
        nearest = [self._nearest(rooted[start : start + _TOGETHER], most) for start in starts]
        word = np.concatenate(nearest) if nearest else np.zeros((0, most), np.intp)
        return Codewords(word.astype(np.uint16), self._signed(rooted, word))

    def _nearest(self, rooted: NDArray[np.float32], most: int) -> NDArray[np.intp]:
        far = self._squares - 2 * (rooted @ self.centres.T)  # [F, W] squared distance, less the descriptor's own
        if most == 1:
            return np.asarray(np.argmin(far, axis=1), np.intp)[:, None]
        some = np.argpartition(far, most - 1, axis=1)[:, :most]
        order = np.argsort(np.take_along_axis(far, some, axis=1), axis=1)
        return np.asarray(np.take_along_axis(some, order, axis=1), np.intp)

    def _signed(self, rooted: NDArray[np.float32], word: NDArray[np.intp]) -> NDArray[np.uint64]:
        along = (rooted @ self.directions.T)[:, None]  # [F, 1, bits]
        bits = np.packbits(along > self._along[word], axis=2)  # [F, M, bits / 8]
        return np.ascontiguousarray(bits).view(np.uint64)[..., 0]

    @cached_property
    def _squares(self) -> NDArray[np.float32]:
        return np.asarray((self.centres**2).sum(axis=1), np.float32)

    @cached_property
    def _along(self) -> NDArray[np.float32]:
        """Where each centre lies along each direction `[W, bits]`."""
        return np.asarray(self.centres @ self.directions.T, np.float32)


@cache
def carried() -> Codebook:
    """The project's own."""
    return Codebook.load(FILE)


@cache
def fingerprint() -> str:
    """Names the project's own: what was coded by another cannot be compared."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]
