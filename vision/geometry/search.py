"""Search: find a template in a photo by its appearance, where local features are too few.

Bold simple marks (a swoosh, three stripes) give a dozen keypoints at most. They are looked for as a whole:
local contrast of the template, over scales and turns, correlated with that of the photo.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import luminance
from vision.geometry.registration import Registered, correlation, framed_contrast, local_contrast, prefiltered, register

PATCH_PX = 40  # side at which the frame is looked for
SHARES = (0.18, 0.25, 0.35, 0.48, 0.66, 0.9)  # of the photo's longer side that the frame takes
TURNS_DEGREES = (-24.0, -12.0, 0.0, 12.0, 24.0)
STRETCHES = ((1.0, 1.0), (0.75, 1.0), (1.0, 0.75))  # foreshortening to left and right, up and down
STARTS = 3  # best places refined
ROUNDS = 5
LEAST_AGREEMENT = 0.5  # correlation of local contrast at which a place is believed
_DOUBT = 0.08  # by which it may be higher in full than at half the side
_HALVING = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1.0]])  # frame px -> px at half the side


def search(
    pixels: NDArray[np.uint8], target: NDArray[np.float32], mark: NDArray[np.float32], least: float = LEAST_AGREEMENT
) -> Registered | None:
    """The best registration of a photo to `target` (local contrast `[S, S]`) over the mark; None where none agrees."""
    return refined(pixels, _starts(pixels, target * mark), target, mark, least)


def refined(
    pixels: NDArray[np.uint8],
    starts: Sequence[NDArray[np.float64]],
    target: NDArray[np.float32],
    mark: NDArray[np.float32],
    least: float = LEAST_AGREEMENT,
) -> Registered | None:
    """The best registration out of rough maps photo -> frame `[3, 3]`; None where none agrees.

    They are told apart in a frame of half the side, at a quarter of the cost; only the best is seen in full.
    """
    small = _halved(target), _halved(mark)
    tried = [_tried(pixels, _HALVING @ start, *small) for start in starts]
    best = max(tried, key=lambda found: _agreement(found, *small), default=None)
    if best is None or _agreement(best, *small) < least - _DOUBT:
        return None
    found = register(pixels, np.linalg.inv(_HALVING) @ best.homography, target, mark)
    return found if _agreement(found, target, mark) >= least else None


def _tried(
    pixels: NDArray[np.uint8], start: NDArray[np.float64], target: NDArray[np.float32], mark: NDArray[np.float32]
) -> Registered:
    """The registration from a rough start, with the photo brought to the frame's resolution once for all rounds."""
    near, from_near = prefiltered(pixels, start, len(target))
    found = register(near, from_near, target, mark, ROUNDS)
    return replace(found, homography=found.homography @ np.linalg.inv(from_near) @ start)


def _agreement(found: Registered, target: NDArray[np.float32], mark: NDArray[np.float32]) -> float:
    """Correlation of local contrast over what is seen of the mark, less where little of it is."""
    contrast = framed_contrast(found.pixels)
    seen = float((mark * found.valid).sum() / max(float(mark.sum()), 1.0))
    return correlation(target, contrast, mark * found.valid) * min(1.0, seen + 0.15)


def _halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """A plane of the frame `[S, S]` at half its side."""
    return np.asarray(cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def _starts(pixels: NDArray[np.uint8], target: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """Maps photo -> frame `[3, 3]` of the `STARTS` places that look most like the target."""
    found: list[tuple[float, tuple[int, int], float, NDArray[np.float64]]] = []  # likeness, place, scale, patch's map
    kernels = list(_kernels(target))
    for share in SHARES:
        side = PATCH_PX / share
        h, w = pixels.shape[:2]
        scale = side / max(h, w)
        if min(h, w) * scale < PATCH_PX * 0.8 or scale > 1:
            continue
        small = cv2.resize(pixels, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_AREA)
        photo = _padded(local_contrast(luminance(np.asarray(small, np.uint8)), PATCH_PX / 12))
        deviation = np.sqrt(_summed(photo * photo))
        for kernel, to_upright in kernels:
            power = deviation * np.linalg.norm(kernel) + np.float32(1e-3)
            score = np.asarray(cv2.matchTemplate(photo, kernel, cv2.TM_CCORR), np.float32) / power
            _, value, _, corner = cv2.minMaxLoc(score)
            found.append((value, (corner[0], corner[1]), scale, to_upright))
    found.sort(key=lambda item: -item[0])
    return [_placed(*corner, scale, to_upright, len(target)) for _, corner, scale, to_upright in found[:STARTS]]


def _kernels(target: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """The target at patch size, turned and foreshortened, each with its map patch px -> upright patch px."""
    small = cv2.resize(target, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA)
    for pose in poses(TURNS_DEGREES, STRETCHES, PATCH_PX):
        kernel = cv2.warpAffine(small, pose[:2], (PATCH_PX, PATCH_PX))
        yield np.asarray(kernel, np.float32), np.linalg.inv(pose)


def poses(turns_degrees: Sequence[float], stretches: Sequence[tuple[float, float]], side: int) -> NDArray[np.float64]:
    """Maps `[turns * stretches, 3, 3]` of an upright patch to a turned and foreshortened one, about its middle."""
    turned = np.array([[[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]] for t in np.radians(turns_degrees)])
    linear = (turned[:, None] @ np.array([np.diag(stretch) for stretch in stretches])).reshape(-1, 2, 2)
    middle = np.full(2, (side - 1) / 2)
    found = np.tile(np.eye(3), (len(linear), 1, 1))
    found[:, :2, :2], found[:, :2, 2] = linear, middle - linear @ middle
    return found


def _padded(photo: NDArray[np.float32]) -> NDArray[np.float32]:
    """Room around the photo for a patch about any of its pixels, and half a patch more for a mark beyond its edge."""
    room = PATCH_PX, PATCH_PX - 1
    return np.asarray(cv2.copyMakeBorder(photo, *room, *room, cv2.BORDER_CONSTANT, value=0), np.float32)


def _summed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum over every patch that lies wholly in `values` `[H, W]`, by its upper left corner."""
    within = slice(1 - PATCH_PX)
    sums = cv2.boxFilter(values, -1, (PATCH_PX, PATCH_PX), anchor=(0, 0), normalize=False)
    return np.asarray(np.maximum(sums[within, within], 0), np.float32)


def _placed(x: int, y: int, scale: float, to_upright: NDArray[np.float64], size_px: int) -> NDArray[np.float64]:
    """Map photo px -> frame px of a kernel whose upper left corner is at `x`, `y` of the padded photo at this scale."""
    to_patch = np.array([[scale, 0, PATCH_PX - x], [0, scale, PATCH_PX - y], [0, 0, 1.0]])
    to_frame = np.diag([size_px / PATCH_PX, size_px / PATCH_PX, 1.0])
    return np.asarray(to_frame @ to_upright @ to_patch, np.float64)
