"""The look of a photo: what is measured of it to tell copies and poor pictures, in a few numbers."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vision.photo import Photo

_FINGERPRINT_SIDE_PX = 32
_SHARPNESS_SIDE_PX = 512
_EDGE_SHARE = 0.02  # of the pixels, where sharpness is measured


@dataclass(frozen=True)
class Look:
    """What is measured of one photo; the pixels themselves are not kept."""

    sha256: str  # of the bytes as uploaded
    format: str
    width: int  # px, upright
    height: int
    fingerprint: int  # 64 bits, alike for photos that look alike
    sharpness: float  # how steep its edges are: about 0.01 blurred, 0.05 and up sharp


def look_at(photo: Photo) -> Look:
    """Measure one photo."""
    fingerprint, sharpness = fingerprint_of(photo.pixels), sharpness_of(photo.pixels)
    return Look(photo.sha256, photo.format, photo.width, photo.height, fingerprint, sharpness)


def differing_bits(a: int, b: int) -> int:
    """Hamming distance of two fingerprints, 0..64."""
    return (a ^ b).bit_count()


def fingerprint_of(pixels: NDArray[np.uint8]) -> int:
    """64-bit perceptual hash of an RGB image `[H, W, 3]`: signs of its 64 lowest cosine frequencies about their median.

    Survives resizing and re-compression; after Zauner, "Implementation and benchmarking of perceptual image hash
    functions" (2010), section 3.2.2, here without the constant term.
    """
    grey = Image.fromarray(pixels).convert("L").resize((_FINGERPRINT_SIDE_PX,) * 2, Image.Resampling.BOX)
    basis, rows, columns = _cosines(_FINGERPRINT_SIDE_PX)
    spectrum = basis @ np.asarray(grey, np.float64) @ basis.T  # [S, S]
    lowest = spectrum[rows, columns]  # [64]
    bits = lowest > np.median(lowest)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@lru_cache(maxsize=1)
def _cosines(side: int) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """DCT-II basis `[S, S]` and the rows and columns of its 64 lowest frequencies but the constant."""
    steps = np.arange(side)
    basis = np.cos(np.pi / side * (steps[None] + 0.5) * steps[:, None])
    u, v = np.indices((side, side)).reshape(2, -1)
    order = np.lexsort((u, u + v))[1:65]
    return basis, u[order], v[order]


def sharpness_of(pixels: NDArray[np.uint8]) -> float:
    """How steep the edges of an RGB image `[H, W, 3]` are: squared Laplacian over squared gradient at the strongest.

    Measured at one size, so that large and small photos compare. The plain variance of the Laplacian says how
    much there is to see as well, and calls a sharp photo of a plain mark blurred.
    """
    image = Image.fromarray(pixels).convert("L")
    image.thumbnail((_SHARPNESS_SIDE_PX, _SHARPNESS_SIDE_PX), Image.Resampling.BOX)
    grey = np.asarray(image, np.float32)
    if min(grey.shape) < 3:
        return 0.0
    up, down, left, right = grey[:-2, 1:-1], grey[2:, 1:-1], grey[1:-1, :-2], grey[1:-1, 2:]
    steepness = (right - left) ** 2 + (down - up) ** 2
    edges = steepness >= np.quantile(steepness, 1 - _EDGE_SHARE)
    laplacian = up + down + left + right - 4 * grey[1:-1, 1:-1]
    return float(np.mean(laplacian[edges] ** 2) / max(np.mean(steepness[edges]), 1.0))
