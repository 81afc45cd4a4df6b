"""Registration: from a rough homography to sub-pixel agreement, and what motion is left over.

Works on local contrast, so that light and material do not pull the mark out of place. The homography may
explain pose; whatever flow remains after it is a fact about the design, not a nuisance.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import luminance

CONTRAST_SIGMA_PX = 9.0  # neighbourhood of local contrast, px of a frame of FRAME_PX
CONTRAST_FLOOR = 6.0  # grey levels; flatter than this is noise
SOFT_PX = 0.6  # blur that takes grain and sampling away
FRAME_PX = 224
ROUNDS = 2
GRID_PX = 4  # spacing of the points a homography is fitted to


@dataclass(frozen=True, eq=False)
class Registered:
    """A photo brought into a frame of `S` px."""

    pixels: NDArray[np.uint8]  # [S, S, 3]
    valid: NDArray[np.bool_]  # [S, S] inside the photo
    homography: NDArray[np.float64]  # [3, 3] photo px -> frame px
    flow: NDArray[np.float32]  # [S, S, 2] px, motion from the target that the homography leaves


def local_contrast(grey: NDArray[np.uint8], sigma_px: float = CONTRAST_SIGMA_PX) -> NDArray[np.float32]:
    """Grey levels `[H, W]` less their neighbourhood's mean, over its deviation: about -3..3."""
    values = grey.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), sigma_px)
    variance = cv2.GaussianBlur((values - mean) ** 2, (0, 0), sigma_px)
    return np.asarray((values - mean) / np.sqrt(variance + CONTRAST_FLOOR**2), np.float32)


def framed_contrast(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Local contrast `[S, S]` of a photo in the frame `[S, S, 3]`, of whatever side: of the same share of the mark."""
    return local_contrast(luminance(pixels), CONTRAST_SIGMA_PX * len(pixels) / FRAME_PX)


def soft_contrast(grey: NDArray[np.uint8], blur_px: float = SOFT_PX) -> NDArray[np.float32]:
    """Local contrast of an image `[H, W]` blurred first."""
    return local_contrast(np.asarray(cv2.GaussianBlur(grey, (0, 0), blur_px), np.uint8))


def warp(
    pixels: NDArray[np.uint8], homography: NDArray[np.float64], size_px: int = FRAME_PX
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A photo `[H, W, 3]` in the frame: pixels `[S, S, 3]` and where it has any `[S, S]`.

    A photo much finer than the frame is low-passed first, since bilinear sampling would alias.
    """
    pixels, homography = prefiltered(pixels, homography, size_px)
    size = (size_px, size_px)
    moved = cv2.warpPerspective(pixels, homography, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpPerspective(np.full(pixels.shape[:2], 255, np.uint8), homography, size, flags=cv2.INTER_NEAREST)
    return np.asarray(moved, np.uint8), np.asarray(inside > 0, np.bool_)


def prefiltered(
    pixels: NDArray[np.uint8], homography: NDArray[np.float64], size_px: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Photo and homography with a photo much finer than the frame scaled to the frame's own resolution."""
    scale = magnification(homography, size_px)
    if scale > 0.67:
        return pixels, homography
    h, w = pixels.shape[:2]
    small = cv2.resize(pixels, (max(1, round(w * scale)), max(1, round(h * scale))), interpolation=cv2.INTER_AREA)
    ratio = np.diag([w / small.shape[1], h / small.shape[0], 1.0])
    return np.asarray(small, np.uint8), homography @ ratio


def magnification(homography: NDArray[np.float64], size_px: int = FRAME_PX) -> float:
    """Frame px per photo px at the frame's centre: above 1 the photo is coarser than the frame."""
    corners = np.array([[[0.0, 0.0]], [[size_px, 0.0]], [[size_px, size_px]], [[0.0, size_px]]])
    quad = cv2.perspectiveTransform(corners, np.linalg.inv(homography)).astype(np.float32)
    return float(size_px / np.sqrt(max(cv2.contourArea(quad), 1.0)))


def flow_between(target: NDArray[np.float32], moved: NDArray[np.float32]) -> NDArray[np.float32]:
    """Dense motion `[S, S, 2]` px that takes `target` to `moved`, both local contrast.

    Dense inverse search (Kroeger et al., ECCV 2016).
    """
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    engine.setFinestScale(1)
    return np.asarray(engine.calc(_grey(target), _grey(moved), np.zeros((*target.shape, 2), np.float32)), np.float32)


def _grey(contrast: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(contrast * 48 + 128, 0, 255), np.uint8)


def register(
    pixels: NDArray[np.uint8],
    homography: NDArray[np.float64],
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
    rounds: int = ROUNDS,
) -> Registered:
    """Refine photo -> frame so that the photo agrees with `target` (local contrast `[S, S]`).

    `weight` `[S, S]` 0..1 says where the mark is. Each round fits a homography to the dense motion and is
    kept only when the agreement grows.
    """
    size_px = len(target)
    moved, valid = warp(pixels, homography, size_px)
    contrast = framed_contrast(moved)
    agreement = correlation(target, contrast, weight * valid)
    flow = flow_between(target, contrast)
    textured = _textured(target)
    for _ in range(rounds):
        step = _homography_of(flow, textured, weight * valid)
        if step is None:
            break
        proposed = step @ homography
        next_moved, next_valid = warp(pixels, proposed, size_px)
        next_contrast = framed_contrast(next_moved)
        next_agreement = correlation(target, next_contrast, weight * next_valid)
        if next_agreement < agreement:
            break
        homography, moved, valid, agreement = proposed, next_moved, next_valid, next_agreement
        flow = flow_between(target, next_contrast)
    return Registered(moved, valid, homography, flow)


def _textured(target: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns `[P]` of the grid's points where the target has texture."""
    grid = np.arange(GRID_PX // 2, len(target), GRID_PX)
    ys, xs = (g.ravel() for g in np.meshgrid(grid, grid, indexing="ij"))
    use = cv2.GaussianBlur(np.abs(target), (0, 0), 2.0)[ys, xs] > 0.35
    return ys[use], xs[use]


def _homography_of(
    flow: NDArray[np.float32], textured: tuple[NDArray[np.intp], NDArray[np.intp]], weight: NDArray[np.float32]
) -> NDArray[np.float64] | None:
    """Homography moved -> target that best explains `flow` at the textured points that are weighed."""
    ys, xs = textured
    use = weight[ys, xs] > 0.5
    if use.sum() < 24:
        return None
    to = np.stack([xs[use], ys[use]], axis=1).astype(np.float64)
    start = to + flow[ys[use], xs[use]]
    step, _ = cv2.findHomography(start, to, cv2.RANSAC, 1.5, maxIters=500)
    if step is None or np.linalg.det(step) < 0.2:
        return None
    return np.asarray(step, np.float64)


def correlation(a: NDArray[np.float32], b: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    """Weighted correlation of two images `[S, S]`, -1..1; 0 where nothing is weighed."""
    total = float(weight.sum())
    if total < 1.0:
        return 0.0
    a0, b0 = a - (a * weight).sum() / total, b - (b * weight).sum() / total
    power = np.sqrt((weight * a0 * a0).sum() * (weight * b0 * b0).sum())
    return float((weight * a0 * b0).sum() / power) if power > 1e-9 else 0.0
