"""Phase: how far the edges of a registered mark moved, to a fraction of a pixel, whatever their contrast.

The contrast of a mark is split into even and odd parts about each point (the monogenic signal: Felsberg and Sommer,
"The monogenic signal", IEEE TSP 2001, section III). The angle between them says where within a wave an edge lies; it
hardly changes with light, ground and blur. Where every edge of an ink moves towards the brighter side, its strokes
were redrawn wider or narrower, which no pose and no homography explains.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

MEASURES = ("edge_bias", "edge_moved", "edge_uneven", "edge_unlike")
WAVE_SHARE = 0.0375  # of the frame's side: the length the filters answer most to; twice that at the second scale
CELL_PX = 8  # motion is judged by cells of this side
_BANDWIDTH = 0.55  # of the log-normal passband
_EMPTY = 1e-3
_LEAST_EDGE = 0.05  # mean weight of a cell that has edges to judge by

Plane = NDArray[np.float32]  # [S, S]


@dataclass(frozen=True, eq=False)
class Parts:
    """A contrast split at one scale."""

    even: Plane
    odd: NDArray[np.complex64]  # [S, S] along x, and along y as the imaginary part


def split(contrast: Plane) -> tuple[Parts, Parts]:
    """A local contrast `[S, S]`, split at its own resolution and at half of it."""
    half = cv2.resize(contrast, (contrast.shape[1] // 2, contrast.shape[0] // 2), interpolation=cv2.INTER_AREA)
    wave_px = WAVE_SHARE * len(contrast)
    return _split(contrast, wave_px), _split(np.asarray(half, np.float32), wave_px)


def _split(contrast: Plane, wave_px: float) -> Parts:
    band, riesz = _filters(len(contrast), wave_px)
    spectrum = np.fft.fft2(contrast) * band
    return Parts(
        np.real(np.fft.ifft2(spectrum)).astype(np.float32), np.fft.ifft2(spectrum * riesz).astype(np.complex64)
    )


@cache
def _filters(size: int, wave_px: float) -> tuple[NDArray[np.float32], NDArray[np.complex64]]:
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1.0
    band = np.exp(-(np.log(radius * wave_px) ** 2) / (2 * np.log(_BANDWIDTH) ** 2))
    band[0, 0] = 0.0
    return band.astype(np.float32), (-1j * (fx + 1j * fy) / radius).astype(np.complex64)


def moved(seen: tuple[Parts, Parts], known: tuple[Parts, Parts], ink: Plane) -> dict[str, float]:
    """How far the edges on `ink` `[S, S]` moved from `known` to `seen`, in shares of the shorter wave.

    `edge_bias` is the mean motion towards the bright, with its sign; `edge_moved` the motion of the cells that moved
    most; `edge_uneven` how it differs between cells; `edge_unlike` what no motion explains.
    """
    near = np.asarray(cv2.dilate(ink, np.ones((7, 7), np.uint8)), np.float32)
    half = np.asarray(cv2.resize(near, (len(near) // 2,) * 2, interpolation=cv2.INTER_AREA), np.float32)
    fine, coarse = _moved(seen[0], known[0], near, CELL_PX), _moved(seen[1], known[1], half, CELL_PX // 2)
    return {name: fine[name] / 2 + coarse[name] for name in MEASURES}


def _moved(seen: Parts, known: Parts, near: Plane, cell_px: int) -> dict[str, float]:
    slope = np.abs(known.odd) + _EMPTY
    along = np.real(seen.odd * np.conj(known.odd)) / slope  # along the reference's gradient
    strength, known_strength = (
        np.sqrt(e * e + o * o + _EMPTY**2) for e, o in ((seen.even, along), (known.even, slope))
    )
    both = strength * known_strength
    agree = (seen.even * known.even + along * slope) / both  # cosine of the difference of phase
    turn = np.arctan2((known.even * along - seen.even * slope) / both, np.maximum(agree, 0.0)) / (2 * np.pi)
    weight = np.minimum(strength, known_strength) * slope / known_strength * near
    judged = _by_cell(weight, cell_px)
    clear = judged > _LEAST_EDGE
    if clear.sum() < 4:
        return dict.fromkeys(MEASURES, 0.0)
    cells = _by_cell(turn * weight, cell_px)[clear] / judged[clear]
    size = np.sort(_by_cell(np.abs(turn) * weight, cell_px)[clear] / judged[clear])
    total = float(weight.sum())
    found = (
        float((turn * weight).sum()) / total,
        float(size[-max(1, len(size) // 10) :].mean()),
        float(np.ptp(np.percentile(cells, [10, 90]))),
        float(((1 - agree) * weight).sum()) / total,
    )
    return dict(zip(MEASURES, found, strict=True))


def _by_cell(values: NDArray[np.floating], cell_px: int) -> Plane:
    side = len(values) // cell_px
    return np.asarray(cv2.resize(values.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA), np.float32)
