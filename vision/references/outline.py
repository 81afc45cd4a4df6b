"""Outline: where in a frame the mark is, found from what its references agree on and what they do not."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry import alignment
from vision.geometry.features import luminance, project
from vision.geometry.foreground import foreground
from vision.geometry.registration import FRAME_PX, local_contrast
from vision.references.view import Member

MIN_FOR_INK = 4  # references from which their tones tell mark from ground


def mark_in_anchor(group: Sequence[Member]) -> NDArray[np.float32]:
    """Where the mark is in the anchor's photo `[H, W]` 0..1: the hull of what references agree on."""
    anchor = group[0].view
    mask = np.zeros(anchor.pixels.shape[:2], np.uint8)
    if len(group) > 2:
        mask |= _consistent(group)
        _draw(mask, _agreeing_points(group))
    else:
        standing_out = foreground(anchor.pixels)
        if standing_out is not None:
            mask |= standing_out
        else:
            _draw(mask, _dense(anchor.features.points, anchor.px))
    if mask.any():
        mask = hull(mask).astype(np.uint8)
    if mask.sum() < 400:
        mask[:] = 1
    grow = max(3, int(0.03 * np.sqrt(mask.sum()))) * 2 + 1
    return np.asarray(cv2.dilate(mask, np.ones((grow, grow), np.uint8)), np.float32)


def _draw(mask: NDArray[np.uint8], points: NDArray[np.float32]) -> None:
    """Fill the hull of points into a mask."""
    if len(points) >= 3:
        cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)


def _agreeing_points(group: Sequence[Member]) -> NDArray[np.float32]:
    """Keypoints `[P, 2]` of the anchor's photo that another reference confirms."""
    anchor = group[0].view
    confirmed = []
    for member in group[1:]:
        matches = alignment.match(member.view.features, anchor.features)
        error = np.linalg.norm(project(member.to_anchor, matches.query) - matches.target, axis=1)
        confirmed.append(matches.target[error < 6.0])
    return _dense(np.concatenate(confirmed), anchor.px)


def _dense(points: NDArray[np.float32], px: tuple[float, float]) -> NDArray[np.float32]:
    """The points that have company: a lone one is chance."""
    if len(points) < 6:
        return points
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    company = np.flatnonzero((gaps < 0.08 * max(px)).sum(axis=1) >= 4)
    return np.asarray(points[company], np.float32)


def _consistent(group: Sequence[Member]) -> NDArray[np.uint8]:
    """Where the local contrast of most references agrees with the anchor's `[H, W]` 0 or 1."""
    anchor = group[0].view
    h, w = anchor.pixels.shape[:2]
    base = local_contrast(luminance(anchor.pixels), 12.0)
    agreed = []
    for member in group[1:]:
        moved = cv2.warpPerspective(member.view.pixels, member.to_anchor, (w, h), borderMode=cv2.BORDER_REPLICATE)
        agreed.append(_local_correlation(base, local_contrast(luminance(np.asarray(moved, np.uint8)), 12.0)))
    texture = cv2.GaussianBlur(base * base, (0, 0), 6.0) > 0.15
    agree = (np.median(agreed, axis=0) > 0.45) & texture
    opened = cv2.morphologyEx(agree.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return np.asarray(opened, np.uint8)
    largest = stats[1:, cv2.CC_STAT_AREA].max()
    kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 0.05 * largest]
    return np.isin(labels, kept).astype(np.uint8)


def _local_correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    product = cv2.GaussianBlur(a * b, (0, 0), 6.0)
    power = cv2.GaussianBlur(a * a, (0, 0), 6.0) * cv2.GaussianBlur(b * b, (0, 0), 6.0)
    return np.asarray(product / np.sqrt(power + 1e-3), np.float32)


def hull(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The convex hull of a mask `[H, W]`, filled."""
    filled = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(cv2.findNonZero(mask)), 1)
    return np.asarray(filled, np.float32)


def ink_of(
    stack: NDArray[np.uint8], mark: NDArray[np.float32], anchor: Member, to_frame: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The part of the mark's outline `[S, S]` that is the mark: where references on several grounds keep one tone.

    With few references it is what stands out of the anchor's ground, or the whole outline.
    """
    if len(stack) >= MIN_FOR_INK:
        changing = _tone_deviation(stack, mark)
        ink = mark * np.clip((0.55 - changing) / 0.25, 0, 1)
    else:
        standing_out = foreground(anchor.view.pixels)
        if standing_out is None:
            return mark
        ink = mark * cv2.warpPerspective(standing_out.astype(np.float32), to_frame, (FRAME_PX, FRAME_PX))
    return np.asarray(ink if ink.sum() > 0.05 * mark.sum() else mark, np.float32)


def _tone_deviation(stack: NDArray[np.uint8], mark: NDArray[np.float32]) -> NDArray[np.float32]:
    """Deviation over references `[S, S]` of log light, each photo's exposure and cast taken out.

    These are read off the half of the mark that changes least, lest the ground be taken for the mark.
    """
    soft = np.stack([cv2.GaussianBlur(reference, (0, 0), 1.5) for reference in stack])
    logs = np.log((soft.astype(np.float32) / 255) ** 2.2 + 0.05)  # in the dark a sheen is not another tone
    raw = logs.std(axis=0).mean(axis=2)
    steady = (mark > 0.5) & (raw <= np.median(raw[mark > 0.5]))
    logs -= np.median(logs[:, steady], axis=1)[:, None, None, :]
    deviation = np.asarray(logs.std(axis=0).mean(axis=2), np.float32)
    return np.asarray(cv2.GaussianBlur(deviation, (0, 0), 1.5), np.float32)
