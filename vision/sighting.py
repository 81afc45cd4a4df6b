"""A sighting: a photo of a mark brought into its template's frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry import alignment
from vision.geometry.alignment import Alignment, Matches
from vision.geometry.features import LocalFeatures, project
from vision.geometry.registration import Registered, correlation, framed_contrast, register, warp
from vision.geometry.search import search
from vision.template import Template

MAX_MATCHED = 2400  # features of a template that one photo is matched with, whole references'


@dataclass(frozen=True, eq=False)
class Sighting:
    """What alignment and embedding say of a photo beside its registered pixels."""

    registered: Registered
    inliers: int
    matched: int
    mirrored_inliers: int
    photo_px: tuple[int, int]  # width, height of the photo the homography is of
    embedding: float = 0.0  # cosine distance of the aligned mark to the nearest reference, 0..2
    embedding_photo: float = 0.0  # the same of the photo's best region


def locate(features: LocalFeatures, template: Template, mirrored: bool = False) -> Alignment | None:
    """Alignment of a photo's features with a template, by consensus over its references."""
    return align_with(matched(features.mirrored() if mirrored else features, template), template, mirrored)


def matched(features: LocalFeatures, template: Template) -> Matches:
    """Correspondences of a photo's features with `MAX_MATCHED` of a template's references', but the first in full."""
    return alignment.pool([alignment.match(features, target) for target in _first(template)])


def align_with(matches: Matches, template: Template, mirrored: bool = False) -> Alignment | None:
    """The alignment that correspondences with a template agree on; None when refused."""
    side = float(len(template.mark))
    return alignment.align(matches, (side, side), mirrored)


def _first(template: Template) -> tuple[LocalFeatures, ...]:
    """The features of as many first references as are matched, but of one: what bounds the cost of a look."""
    totals = np.cumsum([len(f) for f in template.features])
    return template.features[: max(1, int(np.searchsorted(totals, MAX_MATCHED)))]


def sight(
    pixels: NDArray[np.uint8],
    features: LocalFeatures,
    template: Template,
    found: Alignment,
) -> Sighting:
    """Register a located mark to the reference that it resembles most, and count what speaks for a mirror."""
    target = _resembled(pixels, template, found.homography)
    registered = register(pixels, found.homography, target, template.mark)
    turned = locate(features, template, mirrored=True)
    h, w = pixels.shape[:2]
    return Sighting(registered, found.inliers, found.matched, turned.inliers if turned else 0, (w, h))


def _resembled(pixels: NDArray[np.uint8], template: Template, homography: NDArray[np.float64]) -> NDArray[np.float32]:
    """Local contrast `[S, S]` of the reference that the roughly warped photo correlates with most."""
    moved, valid = warp(pixels, homography, len(template.mark))
    photo = framed_contrast(moved)
    weights = [template.mark * valid * v for v in template.valid]
    scores = [correlation(photo, c, w) for c, w in zip(template.contrast, weights, strict=True)]
    return np.asarray(template.contrast[int(np.argmax(scores))], np.float32)


def find(pixels: NDArray[np.uint8], features: LocalFeatures, template: Template) -> Alignment | None:
    """Alignment by appearance, for a mark with too few local features."""
    found = search(pixels, template.contrast[0], template.mark)
    return None if found is None else counted(found, features, template)


def counted(found: Registered, features: LocalFeatures, template: Template) -> Alignment | None:
    """The alignment that was found by appearance; None where no camera takes a mark so.

    Its `inliers` are the correspondences that agree with it, of which there may be none.
    """
    side = float(len(template.mark))
    if not alignment.plausible(found.homography, (side, side)):
        return None
    matches = matched(features, template)
    error = np.linalg.norm(project(found.homography, matches.query) - matches.target, axis=1)
    agreeing = error < 2 * alignment.INLIER_PX
    inliers = alignment.distinct(matches.query[agreeing]) if agreeing.any() else 0
    spread = alignment.hull_share(matches.target[agreeing], (side, side))
    return Alignment(found.homography, inliers, len(matches.query), spread)


def box_of(where: NDArray[np.float32], sighting: Sighting) -> tuple[float, float, float, float]:
    """Bounding box in the photo, fractions 0..1, of what a frame map `[S, S]` marks above a half."""
    x, y, w, h = cv2.boundingRect((where > 0.5).astype(np.uint8))
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
    placed = project(np.asarray(np.linalg.inv(sighting.registered.homography), np.float64), corners) / np.array(
        sighting.photo_px, np.float32
    )
    low, high = np.clip(placed.min(axis=0), 0, 1), np.clip(placed.max(axis=0), 0, 1)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
