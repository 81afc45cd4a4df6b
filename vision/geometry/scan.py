"""Scan: how a template may lie at a place in a photo that something pointed at, in any turn.

Patches of a few sizes about the place's middle are correlated with the template's frame in every pose, all with all in
one product. That is coarse and cheap: what looks alike is a start for `search.refined`.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import luminance
from vision.geometry.registration import local_contrast, warp
from vision.geometry.search import poses

PATCH_PX = 24  # side at which a frame is compared
REACH_PX = 4  # from a patch's middle to the place's, px of the patch
CONTRAST_SIGMA = 1 / 12  # neighbourhood of local contrast, share of a patch
FRAME_SHARE = 1.24  # side of a frame, in longer sides of the mark in it
GROWTHS = (0.85, 1.1, 1.45)  # of the mark against its place, which may be cut wide or narrow
TURNS_DEGREES = tuple(range(0, 360, 15))
STRETCHES = ((1.0, 1.0), (0.72, 1.0), (1.0, 0.72))  # foreshortening to left and right, up and down
STARTS = 2  # turns that look most alike

PlacePx = tuple[float, float, float, float]  # x0 y0 x1 y1, px


@dataclass(frozen=True, eq=False)
class Start:
    """A rough guess at how a template lies in a photo."""

    likeness: float  # correlation of local contrast, -1..1
    homography: NDArray[np.float64]  # [3, 3] photo px -> frame px


@dataclass(frozen=True, eq=False)
class Patches:
    """`N` patches about a place, of a few sizes and shifts."""

    vectors: NDArray[np.float32]  # [N, PATCH_PX ** 2] local contrast, of unit length
    maps: NDArray[np.float64]  # [N, 3, 3] photo px -> patch px

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], place: PlacePx) -> "Patches":
        """The patches about a place in a photo `[H, W, 3]`. Beyond the photo there is nothing."""
        across, down = place[2] - place[0], place[3] - place[1]
        middle = np.array([place[0] + place[2] - 1, place[1] + place[3] - 1]) / 2
        sized = [_sized(pixels, middle, FRAME_SHARE * max(across, down) * growth) for growth in GROWTHS]
        return cls(np.concatenate([vectors for vectors, _ in sized]), np.concatenate([maps for _, maps in sized]))


def scan(patches: Patches, target: NDArray[np.float32]) -> list[Start]:
    """How a target (local contrast of a frame `[S, S]`, 0 off the mark) may lie, the most alike first; turns differ."""
    likeness = _posed(target) @ patches.vectors.T  # [turns * stretches, N]
    by_turn = likeness.reshape(len(TURNS_DEGREES), -1)
    scale = len(target) / PATCH_PX
    to_frame = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1.0]])
    starts, left = [], by_turn.max(axis=1)
    for _ in range(STARTS):
        turn = int(np.argmax(left))
        stretch, patch = divmod(int(np.argmax(by_turn[turn])), len(patches.vectors))
        upright = np.linalg.inv(_poses()[turn * len(STRETCHES) + stretch])
        starts.append(Start(float(left[turn]), to_frame @ upright @ patches.maps[patch]))
        left[[turn - 1, turn, (turn + 1) % len(left)]] = -np.inf
    return starts


def _sized(
    pixels: NDArray[np.uint8], middle: NDArray[np.float64], side_px: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The patches of one side in the photo, and their maps."""
    wide, scale = PATCH_PX + 2 * REACH_PX, PATCH_PX / side_px
    reach = wide / 2 / scale + 2
    h, w = pixels.shape[:2]
    left, top = np.clip(np.floor(middle - reach), 0, [w - 1, h - 1]).astype(int)
    right, bottom = np.clip(np.ceil(middle + reach), [left + 1, top + 1], [w, h]).astype(int)
    shift = (wide - 1) / 2 - scale * middle
    to_window = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1.0]])
    from_corner = np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]])
    seen, inside = warp(pixels[top:bottom, left:right], to_window @ from_corner, wide)
    contrast = local_contrast(luminance(seen), CONTRAST_SIGMA * PATCH_PX) * inside
    every = np.lib.stride_tricks.sliding_window_view(contrast, (PATCH_PX, PATCH_PX))
    vectors = _unit(every.reshape(-1, PATCH_PX * PATCH_PX))
    maps = np.tile(to_window, (len(vectors), 1, 1))
    maps[:, 1, 2] -= np.repeat(np.arange(every.shape[0]), every.shape[1])
    maps[:, 0, 2] -= np.tile(np.arange(every.shape[1]), every.shape[0])
    return vectors, maps


def _posed(target: NDArray[np.float32]) -> NDArray[np.float32]:
    """A target in every pose, as patches `[turns * stretches, PATCH_PX ** 2]` of unit length."""
    small = cv2.resize(target, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA)
    posed = cv2.remap(small, *_sampling(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return _unit(np.asarray(posed, np.float32).reshape(-1, PATCH_PX * PATCH_PX))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors `[N, D]` of unit length, but for flat ones."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-3)), np.float32)


@cache
def _poses() -> NDArray[np.float64]:
    return poses(TURNS_DEGREES, STRETCHES, PATCH_PX)


@cache
def _sampling() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel of each pose lies in the upright patch: x and y `[turns * stretches * PATCH_PX, PATCH_PX]`."""
    y, x = np.mgrid[:PATCH_PX, :PATCH_PX].reshape(2, -1)
    upright = np.linalg.inv(_poses()) @ np.stack([x, y, np.ones_like(x)])  # [poses, 3, P * P]
    across, down = (upright[:, axis].reshape(-1, PATCH_PX).astype(np.float32) for axis in (0, 1))
    return across, down
