"""Phase: how far the edges of a registered mark moved, to a fraction of a pixel, whatever their contrast.

The contrast of a mark is split into even and odd parts about each point (the monogenic signal: Felsberg and Sommer,
"The monogenic signal", IEEE TSP 2001, section III). The angle between them says where within a wave an edge lies; it
hardly changes with light, ground and blur. Where every edge of an ink moves towards the brighter side, its strokes
were redrawn wider or narrower; where edges move unevenly, the outline was redrawn. What a homography explains of the
motion is fitted and taken out: it is the camera's, and what registration left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

WAVE_SHARES = {
    "fine": 0.018,
    "middle": 0.028,
    "broad": 0.045,
}  # of the frame's side: the lengths the filters answer most to
FIGURES = ("bias", "moved", "uneven")
MEASURES = (*(f"edge_{figure}_{scale}" for scale in WAVE_SHARES for figure in FIGURES), "edge_unlike")
CELL_PX = 8  # motion is judged by cells of this side
_BANDWIDTH = 0.55  # of the log-normal passband
_EMPTY = 1e-3
_LEAST_SLOPE = 0.15  # odd part of a reference's contrast from which a point counts as on an edge
_MOST_POINTS = 5000  # of a reference: more say little new and cost time and memory
_LEAST_AGREEMENT = 0.2  # cosine of the difference of phase below which two points are not of one edge
_LEAST_POINTS = 60
_LEAST_CELL = 1.5  # sum of weights of a cell that has edges to judge by
_ROUNDS = 3  # of the robust fit

Plane = NDArray[np.float32]  # [S, S]
Points = NDArray[np.float32]  # [E]


@dataclass(frozen=True, eq=False)
class Split:
    """A contrast split at one scale."""

    even: Plane
    odd: NDArray[np.complex64]  # [S, S] along x, and along y as the imaginary part


@dataclass(frozen=True, eq=False)
class Edges:
    """`E` points on a reference's edges at one scale, and what is needed to hold a photo against them."""

    at: NDArray[np.intp]  # [E] flat index into the frame
    even: Points
    slope: Points  # size of the odd part
    strength: Points
    across: NDArray[np.complex64]  # [E] unit vectors along the gradient
    cell: NDArray[np.intp]  # [E]
    pose: NDArray[np.float32]  # [E, 8] motion along the gradient by unit of a homography's freedoms


def split(contrast: Plane) -> tuple[Split, ...]:
    """A local contrast `[S, S]`, split at each scale."""
    spectrum = np.fft.fft2(contrast)
    return tuple(_split(spectrum, share * len(contrast)) for share in WAVE_SHARES.values())


def _split(spectrum: NDArray[np.complexfloating], wave_px: float) -> Split:
    band, riesz = _filters(len(spectrum), wave_px)
    passed = spectrum * band
    return Split(np.real(np.fft.ifft2(passed)).astype(np.float32), np.fft.ifft2(passed * riesz).astype(np.complex64))


@cache
def _filters(size: int, wave_px: float) -> tuple[NDArray[np.float32], NDArray[np.complex64]]:
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1.0
    band = np.exp(-(np.log(radius * wave_px) ** 2) / (2 * np.log(_BANDWIDTH) ** 2))
    band[0, 0] = 0.0
    return band.astype(np.float32), (-1j * (fx + 1j * fy) / radius).astype(np.complex64)


def edges(contrast: Plane, ink: Plane) -> tuple[Edges, ...]:
    """The edges of a reference's local contrast on and around its ink, both `[S, S]`, at each scale."""
    near = cv2.dilate(ink, np.ones((7, 7), np.uint8)) > 0.5
    return tuple(_edges(part, near) for part in split(contrast))


def _edges(part: Split, near: NDArray[np.bool_]) -> Edges:
    size = len(near)
    at = np.flatnonzero(near & (np.abs(part.odd) > _LEAST_SLOPE))
    at = at[:: 1 + len(at) // _MOST_POINTS]
    y, x = np.divmod(at, size)
    odd, even = part.odd.ravel()[at], part.even.ravel()[at]
    slope = np.abs(odd) + np.float32(_EMPTY)
    across = odd / slope
    cell = (y // CELL_PX) * (size // CELL_PX + 1) + x // CELL_PX
    return Edges(
        at, even, slope, np.hypot(even, slope), across, cell, _pose(across, 2 * x / size - 1, 2 * y / size - 1)
    )


def _pose(across: NDArray[np.complex64], x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float32]:
    """Shift, linear and projective freedoms of a homography near the identity, `x` and `y` in -1..1."""
    u, v = across.real, across.imag
    along = u * x + v * y
    return np.stack([u, v, u * x, u * y, v * x, v * y, along * x, along * y], axis=1).astype(np.float32)


def moved(photo: Sequence[Split], known: Sequence[Edges], seen: Plane) -> dict[str, float]:
    """How a photo's edges lie against a reference's, in shares of the wave, where it is seen (`[S, S]` 0..1).

    By scale: `bias`, the mean motion towards the bright, with its sign; `moved`, the motion of the cells that moved
    most; `uneven`, how motion differs between cells. Over all: `edge_unlike`, what no motion explains.
    """
    found: dict[str, float] = {}
    unlike = []
    for scale, part, reference in zip(WAVE_SHARES, photo, known, strict=True):
        figures, apart = _moved(part, reference, seen)
        found |= {f"edge_{figure}_{scale}": value for figure, value in zip(FIGURES, figures, strict=True)}
        unlike.append(apart)
    return found | {"edge_unlike": float(np.mean(unlike))}


def _moved(photo: Split, known: Edges, seen: Plane) -> tuple[tuple[float, float, float], float]:
    even, odd = photo.even.ravel()[known.at], photo.odd.ravel()[known.at]
    along = odd.real * known.across.real + odd.imag * known.across.imag
    strength = np.sqrt(even * even + along * along + _EMPTY**2)
    both = strength * known.strength
    agree = (even * known.even + along * known.slope) / both  # cosine of the difference of phase
    turn = np.arctan2((known.even * along - even * known.slope) / both, np.maximum(agree, 0.0)) / (2 * np.pi)
    weight = np.minimum(strength, known.strength) * known.slope / known.strength * seen.ravel()[known.at]
    total = float(weight.sum())
    apart = float(((1 - agree) * weight).sum()) / total if total > 0 else 0.0
    weight = weight * (agree > _LEAST_AGREEMENT)
    if np.count_nonzero(weight > 0) < _LEAST_POINTS:
        return (0.0, 0.0, 0.0), apart
    bias = float((turn * weight).sum() / weight.sum())
    return (bias, *_by_cell(turn - _explained(turn, weight, known.pose), weight, known.cell)), apart


def _explained(turn: Points, weight: Points, pose: NDArray[np.float32]) -> Points:
    """The motion that a homography explains `[E]`: weighted least squares, refitted with less trust in the far off."""
    trust = np.ones_like(turn)
    explained = np.zeros_like(turn)
    for _ in range(_ROUNDS):
        weighted = pose * (weight * trust)[:, None]
        normal = weighted.T @ pose + 1e-4 * float(weight.sum()) * np.eye(pose.shape[1], dtype=np.float32)
        explained = pose @ np.linalg.solve(normal, weighted.T @ turn)
        off = np.abs(turn - explained)
        trust = 1 / (1 + (off / (1.5 * np.median(off) + 1e-4)) ** 2)
    return np.asarray(explained, np.float32)


def _by_cell(turn: Points, weight: Points, cell: NDArray[np.intp]) -> tuple[float, float]:
    """Motion of the tenth of the cells that moved most, and how far apart the cells' 10th and 90th percentiles lie."""
    sums = [np.bincount(cell, values) for values in (weight, turn * weight, np.abs(turn) * weight)]
    clear = sums[0] > _LEAST_CELL
    if clear.sum() < 4:
        return 0.0, 0.0
    signed, size = sums[1][clear] / sums[0][clear], np.sort(sums[2][clear] / sums[0][clear])
    return float(size[-max(1, len(size) // 10) :].mean()), float(np.ptp(np.percentile(signed, [10, 90])))
