"""Foreground: what stands out of a plain surround, as in a brand's studio photographs."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE_PX = 160
BORDER = 0.06  # strip along the frame taken for surround, share of the side
LEAST_DIFFERENCE = 9.0  # Lab units; less than this is shading
LEAST_PLAIN = 0.75  # share of the strip that one smooth surface must explain


def foreground(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Mask `[H, W]` 0 or 1 of what differs from the surround; None where the surround is not plain.

    The surround is a quadratic surface in Lab, fitted to the strip along the frame and fitted again
    without what it does not explain.
    """
    h, w = pixels.shape[:2]
    scale = SIDE_PX / max(h, w)
    small = cv2.resize(pixels, (max(8, round(w * scale)), max(8, round(h * scale))), interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(np.asarray(small, np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    strip = _strip(lab.shape[0], lab.shape[1])
    surround = _surface(lab, strip)
    difference = np.linalg.norm(lab - surround, axis=2)
    if (difference[strip] < LEAST_DIFFERENCE).mean() < LEAST_PLAIN:
        return None
    mask = (difference > LEAST_DIFFERENCE).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    mask = _main_parts(mask)
    if not 0.004 < mask.mean() < 0.9:
        return None
    return np.asarray(cv2.resize(mask, (w, h), interpolation=cv2.INTER_NEAREST), np.uint8)


def _strip(h: int, w: int) -> NDArray[np.bool_]:
    edge = max(2, int(BORDER * max(h, w)))
    strip = np.ones((h, w), np.bool_)
    strip[edge:-edge, edge:-edge] = False
    return strip


def _surface(lab: NDArray[np.float32], strip: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Quadratic surface `[H, W, 3]` through the strip, twice, the second time without its outliers."""
    h, w = strip.shape
    y, x = (g / max(h, w) for g in np.mgrid[:h, :w])
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2)
    use = strip
    surface = lab
    for _ in range(3):
        weights, *_ = np.linalg.lstsq(terms[use], lab[use], rcond=None)
        surface = (terms @ weights).astype(np.float32)
        error = np.linalg.norm(lab - surface, axis=2)
        use = strip & (error <= max(float(np.percentile(error[strip], 70)), 2.0))
    return surface


def _main_parts(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The parts of a size that counts: at least 3% of the largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return np.isin(labels, np.flatnonzero(areas >= 0.03 * areas.max())).astype(np.uint8)
