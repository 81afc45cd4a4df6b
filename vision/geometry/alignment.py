"""Alignment: the homography under which a photo shows a reference's mark, or none.

Matches are ratio-tested, those that tell of one view are fitted robustly, and a homography that no camera can
take of a flat mark is refused. Coordinates: `query` is the photo, `target` is the frame of the references.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry import consensus
from vision.geometry.features import LocalFeatures, project

RATIO = 0.9  # of nearest to second nearest distance; consensus over references sorts out the rest
MIN_INLIERS = 6
INLIER_PX = 4.0
MAX_GROUPS = 3  # guesses followed up
FITS = 2  # each to what agrees with the last
MIN_SPREAD = 0.02  # area of the inliers' hull, share of the target frame
MAX_AREA_RATIO = 60.0  # between the largest and smallest local magnification over the frame
MAX_ANISOTROPY = 4.0  # ratio of singular values of the local map at the centre


@dataclass(frozen=True, eq=False)
class Matches:
    """`M` correspondences of a photo with references that share one frame."""

    query: NDArray[np.float32]  # [M, 2] px in the photo
    target: NDArray[np.float32]  # [M, 2] px in the references' frame
    query_axes: NDArray[np.float32]  # [M, 2] px, the keypoints' own
    target_axes: NDArray[np.float32]  # [M, 2] px

    def groups(self, least: int, most: int) -> Iterator[NDArray[np.intp]]:
        """Those that tell of one view, by index (`consensus`)."""
        return consensus.groups(self._agreement, least, most)

    @cached_property
    def _agreement(self) -> NDArray[np.bool_]:
        """Kept, since what does not align may be asked where it votes."""
        return consensus.agreement(self.query, self.target, self.query_axes, self.target_axes)


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
        return pool(())
    similarity = query.rooted @ target.rooted.T  # [Q, T]
    best = np.argmax(similarity, axis=1)
    top = similarity[np.arange(len(query)), best]
    keep = np.flatnonzero(top == similarity.max(axis=0)[best])
    others = similarity[keep]
    others[np.arange(len(keep)), best[keep]] = -np.inf
    keep = keep[_distance(top[keep]) < RATIO * _distance(others.max(axis=1))]
    keep = keep[np.argmax(similarity[:, best[keep]], axis=0) == keep]  # the first of equals
    met = best[keep]
    return Matches(query.points[keep], target.points[met], query.axes[keep], target.axes[met])


def _distance(similarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of unit vectors whose product is `similarity`."""
    return np.asarray(np.sqrt(np.maximum(0.0, 2 - 2 * similarity)), np.float32)


def pool(matches: Sequence[Matches]) -> Matches:
    """Correspondences with several references of one frame, as one set."""
    none = np.zeros((0, 2), np.float32)
    return Matches(
        np.concatenate([none, *(m.query for m in matches)]),
        np.concatenate([none, *(m.target for m in matches)]),
        np.concatenate([none, *(m.query_axes for m in matches)]),
        np.concatenate([none, *(m.target_axes for m in matches)]),
    )


def align(matches: Matches, frame_px: tuple[float, float], mirrored: bool = False) -> Alignment | None:
    """Robust homography of `matches` into a frame of `frame_px` width and height; None when refused.

    The correspondences that agree with one guess (`consensus`) are fitted by MAGSAC++ (Barath et al., CVPR 2020)
    as OpenCV has it, and must pass the checks of `plausible`. OpenCV's refuses maps that turn the plane over, so a
    mirrored photo is fitted to the mirrored frame.
    """
    if mirrored:
        turned = np.array([[-1, 0, frame_px[0]], [0, 1, 0], [0, 0, 1.0]])
        flipped = matches.target_axes * np.array([-1, 1], np.float32)
        there = project(turned, matches.target)
        upright = align(Matches(matches.query, there, matches.query_axes, flipped), frame_px)
        return replace(upright, homography=turned @ upright.homography) if upright else None
    fits = (_fit(matches, group, frame_px) for group in matches.groups(MIN_INLIERS, MAX_GROUPS))
    return max((fit for fit in fits if fit is not None), key=lambda fit: fit.inliers, default=None)


def _fit(matches: Matches, group: NDArray[np.intp], frame_px: tuple[float, float]) -> Alignment | None:
    """The map that most of a group of correspondences agree on, and with it whatever others do; None when refused."""
    for _ in range(FITS):
        if distinct(matches.query[group]) < MIN_INLIERS:
            return None
        start, end = matches.query[group].astype(np.float64), matches.target[group].astype(np.float64)
        homography = np.asarray(cv2.findHomography(start, end, cv2.USAC_MAGSAC, INLIER_PX, maxIters=500)[0], np.float64)
        if homography.shape != (3, 3) or not plausible(homography, frame_px):  # none was found, or no camera's
            return None
        error = np.linalg.norm(project(homography, matches.query) - matches.target, axis=1)
        group = np.flatnonzero(error < INLIER_PX)
    inliers = distinct(matches.query[group])
    spread = hull_share(matches.target[group], frame_px)
    if inliers < MIN_INLIERS or spread < MIN_SPREAD:
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
