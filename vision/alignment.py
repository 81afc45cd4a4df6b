"""Alignment: the homography under which a photo shows a reference's mark, or none.

Matches are ratio-tested, the homography is robust, and one that no camera can take of a flat mark is
refused. Coordinates: `query` is the photo, `target` is the frame of the references.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.features import LocalFeatures, project

RATIO = 0.85  # of nearest to second nearest distance; consensus over references sorts out the rest
MIN_INLIERS = 8
INLIER_PX = 4.0
MIN_SPREAD = 0.02  # area of the inliers' hull, share of the target frame
MAX_AREA_RATIO = 60.0  # between the largest and smallest local magnification over the frame
MAX_ANISOTROPY = 4.0  # ratio of singular values of the local map at the centre


@dataclass(frozen=True, eq=False)
class Matches:
    """`M` correspondences of a photo with references that share one frame."""

    query: NDArray[np.float32]  # [M, 2] px in the photo
    target: NDArray[np.float32]  # [M, 2] px in the references' frame


@dataclass(frozen=True, eq=False)
class Alignment:
    """A photo's accepted registration to a frame."""

    homography: NDArray[np.float64]  # [3, 3] photo px -> frame px
    inliers: int
    matched: int  # correspondences tried
    spread: float  # hull of the inliers, share of the frame 0..1


def match(query: LocalFeatures, target: LocalFeatures) -> Matches:
    """Ratio-tested mutually nearest descriptors of `query` and one reference's `target`.

    The tests run from the cheapest to the dearest, each on what the last has left.
    """
    if len(query) == 0 or len(target) < 2:
        return Matches(np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32))
    similarity = query.rooted @ target.rooted.T  # [Q, T]
    best = np.argmax(similarity, axis=1)
    top = similarity[np.arange(len(query)), best]
    keep = np.flatnonzero(top == similarity.max(axis=0)[best])
    others = similarity[keep]
    others[np.arange(len(keep)), best[keep]] = -np.inf
    keep = keep[_distance(top[keep]) < RATIO * _distance(others.max(axis=1))]
    keep = keep[np.argmax(similarity[:, best[keep]], axis=0) == keep]  # the first of equals
    return Matches(query.points[keep], target.points[best[keep]])


def _distance(similarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of unit vectors whose product is `similarity`."""
    return np.asarray(np.sqrt(np.maximum(0.0, 2 - 2 * similarity)), np.float32)


def pool(matches: Sequence[Matches]) -> Matches:
    """Correspondences with several references of one frame, as one set."""
    return Matches(
        np.concatenate([m.query for m in matches] or [np.zeros((0, 2), np.float32)]),
        np.concatenate([m.target for m in matches] or [np.zeros((0, 2), np.float32)]),
    )


def align(matches: Matches, frame_px: tuple[float, float], mirrored: bool = False) -> Alignment | None:
    """Robust homography of `matches` into a frame of `frame_px` width and height; None when refused.

    MAGSAC++ (Barath et al., CVPR 2020) as OpenCV has it, then the checks of `plausible`. OpenCV's refuses
    maps that turn the plane over, so a mirrored photo is fitted to the mirrored frame.
    """
    if mirrored:
        turned = np.array([[-1, 0, frame_px[0]], [0, 1, 0], [0, 0, 1.0]])
        upright = align(Matches(matches.query, project(turned, matches.target)), frame_px)
        return replace(upright, homography=turned @ upright.homography) if upright else None
    if len(matches.query) < MIN_INLIERS:
        return None
    found = cv2.findHomography(
        matches.query.astype(np.float64), matches.target.astype(np.float64), cv2.USAC_MAGSAC, INLIER_PX, maxIters=3000
    )
    homography, kept = np.asarray(found[0], np.float64), np.asarray(found[1], np.bool_).ravel()
    if homography.shape != (3, 3):  # none was found
        return None
    inliers = distinct(matches.query[kept])
    if inliers < MIN_INLIERS or not plausible(homography, frame_px):
        return None
    spread = hull_share(matches.target[kept], frame_px)
    if spread < MIN_SPREAD:
        return None
    return Alignment(homography, inliers, len(matches.query), spread)


def distinct(points: NDArray[np.float32]) -> int:
    """Number of different points: one keypoint matched in three references is one witness."""
    return len(np.unique(np.round(points), axis=0))


def hull_share(points: NDArray[np.float32], frame_px: tuple[float, float]) -> float:
    """Area of the convex hull of `points`, as a share of the frame."""
    if len(points) < 3:
        return 0.0
    area = cv2.contourArea(cv2.convexHull(points.astype(np.float32)))
    return float(area / (frame_px[0] * frame_px[1]))


def plausible(homography: NDArray[np.float64], frame_px: tuple[float, float]) -> bool:
    """Whether a camera can have taken a flat mark by this map: orientation, magnification, anisotropy.

    Checked on the inverse (frame -> photo) at the frame's corners and centre.
    """
    determinant = np.linalg.det(homography)
    if not np.isfinite(homography).all() or abs(determinant) < 1e-12:
        return False
    inverse = np.asarray(np.linalg.inv(homography), np.float64)
    w, h = frame_px
    places = np.array([[0, 0], [w, 0], [w, h], [0, h], [w / 2, h / 2]], np.float64)
    depth = places @ inverse[2, :2] + inverse[2, 2]
    if depth.min() * depth.max() <= 0:  # the horizon crosses the mark
        return False
    jacobians = [local_map(inverse, place) for place in places]
    areas = np.array([np.linalg.det(j) for j in jacobians])
    if areas.min() <= 0:  # turned over
        return False
    singular = np.linalg.svd(jacobians[-1], compute_uv=False)
    return bool(areas.max() / areas.min() < MAX_AREA_RATIO and singular[0] / max(singular[1], 1e-9) < MAX_ANISOTROPY)


def local_map(homography: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Jacobian `[2, 2]` of a homography at `place` `[2]`."""
    x, y, w = homography @ np.array([place[0], place[1], 1.0])
    return np.asarray((homography[:2, :2] - np.outer([x / w, y / w], homography[2, :2])) / w, np.float64)
