"""Search: find a template in a photo by its appearance, where local features are too few.

Bold simple marks (a swoosh, three stripes) give a dozen keypoints at most. They are looked for as a whole:
local contrast of the template, over scales and turns, correlated with that of the photo.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.features import luminance
from vision.registration import Registered, correlation, local_contrast, register

PATCH_PX = 40  # side at which the frame is looked for
SHARES = (0.18, 0.25, 0.35, 0.48, 0.66, 0.9)  # of the photo's longer side that the frame takes
TURNS_DEGREES = (-24.0, -12.0, 0.0, 12.0, 24.0)
STRETCHES = ((1.0, 1.0), (0.75, 1.0), (1.0, 0.75))  # foreshortening to left and right, up and down
STARTS = 3  # best places refined
ROUNDS = 5
LEAST_AGREEMENT = 0.5  # correlation of local contrast at which a place is believed


def search(
    pixels: NDArray[np.uint8], target: NDArray[np.float32], mark: NDArray[np.float32], least: float = LEAST_AGREEMENT
) -> Registered | None:
    """The best registration of a photo to `target` (local contrast `[S, S]`) over the mark; None where none agrees."""
    best: tuple[float, Registered] | None = None
    for homography in _starts(pixels, target * mark):
        found = register(pixels, homography, target, mark, ROUNDS)
        contrast = local_contrast(luminance(found.pixels))
        seen = float((mark * found.valid).sum() / max(float(mark.sum()), 1.0))
        agreement = correlation(target, contrast, mark * found.valid) * min(1.0, seen + 0.15)
        if best is None or agreement > best[0]:
            best = (agreement, found)
    return best[1] if best is not None and best[0] >= least else None


def _starts(pixels: NDArray[np.uint8], target: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """Maps photo -> frame `[3, 3]` of the `STARTS` places that look most like the target."""
    found: list[tuple[float, NDArray[np.float64]]] = []
    kernels = list(_kernels(target))
    for share in SHARES:
        side = PATCH_PX / share
        h, w = pixels.shape[:2]
        scale = side / max(h, w)
        if min(h, w) * scale < PATCH_PX * 0.8 or scale > 1:
            continue
        small = cv2.resize(pixels, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_AREA)
        photo = _padded(local_contrast(luminance(np.asarray(small, np.uint8)), PATCH_PX / 12))
        energy = cv2.boxFilter(photo * photo, -1, (PATCH_PX, PATCH_PX), borderType=cv2.BORDER_CONSTANT)
        for kernel, to_frame in kernels:
            power = np.sqrt(np.maximum(energy, 0) * PATCH_PX**2 * float((kernel**2).sum())) + 1e-3
            score = np.asarray(cv2.filter2D(photo, -1, kernel, borderType=cv2.BORDER_CONSTANT), np.float32) / power
            _, value, _, (x, y) = cv2.minMaxLoc(score)
            found.append((value, _placed(x, y, scale, to_frame, len(target))))
    found.sort(key=lambda item: -item[0])
    return [homography for _, homography in found[:STARTS]]


def _kernels(target: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """The target at patch size, turned and foreshortened, each with its map patch px -> upright patch px."""
    small = cv2.resize(target, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA)
    centre = (PATCH_PX - 1) / 2
    for turn in TURNS_DEGREES:
        for across, down in STRETCHES:
            c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            forward = np.array([[c, -s], [s, c]]) @ np.diag([across, down])
            shift = centre - forward @ [centre, centre]
            matrix = np.column_stack([forward, shift])
            kernel = cv2.warpAffine(small, matrix, (PATCH_PX, PATCH_PX))
            yield np.asarray(kernel, np.float32), np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))


def _padded(photo: NDArray[np.float32]) -> NDArray[np.float32]:
    """Room around the photo, so that a mark that touches its edge is found too."""
    pad = PATCH_PX // 2
    return np.asarray(cv2.copyMakeBorder(photo, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0), np.float32)


def _placed(x: int, y: int, scale: float, to_upright: NDArray[np.float64], size_px: int) -> NDArray[np.float64]:
    """Map photo px -> frame px of a kernel centred at padded `x`, `y`."""
    pad, centre = PATCH_PX // 2, PATCH_PX // 2  # filter2D anchors at the kernel's middle
    to_patch = np.array([[scale, 0, centre - (x - pad)], [0, scale, centre - (y - pad)], [0, 0, 1.0]])
    to_frame = np.diag([size_px / PATCH_PX, size_px / PATCH_PX, 1.0])
    return np.asarray(to_frame @ to_upright @ to_patch, np.float64)
