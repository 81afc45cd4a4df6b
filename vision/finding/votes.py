"""Votes: where in a photo local features speak for a brand, though too few of them to align with it.

A correspondence guesses the whole map (`consensus`), so a handful that agree say where the mark would lie. That is no
finding, since a handful agree by chance; it is a place worth a second look, also where no detector has pointed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.finding.placing import Attempt
from vision.geometry.alignment import Matches, distinct
from vision.regions.region import Box, Region

LEAST_VOTERS = 4  # that agree; three agree by chance in most photos
ALL_VOTERS = 16  # from which a vote cannot score higher
LEAST_SIDE_PX = 12.0  # of the mark that is voted for
INSIDE = 0.5  # least share of it that lies in the photo


@dataclass(frozen=True)
class Vote:
    """A brand's features, and where they say that its mark is."""

    brand: str
    region: Region  # of source "gallery"


def cast(made: Iterable[Attempt], width_px: int, height_px: int) -> list[Vote]:
    """The votes of templates that a photo of these sides was matched with, most voters first."""
    votes = [Vote(one.brand, region) for one in made if (region := _region(one, width_px, height_px)) is not None]
    return sorted(votes, key=lambda vote: -vote.region.score)


def _region(attempt: Attempt, width_px: int, height_px: int) -> Region | None:
    matches = attempt.matches
    group = next(matches.groups(LEAST_VOTERS, 1), None)
    if group is None or (voters := distinct(matches.query[group])) < LEAST_VOTERS:
        return None
    box = _clipped(_marked(matches, group, attempt.template.mark), width_px, height_px)
    return None if box is None else Region(box, "gallery", min(1.0, voters / ALL_VOTERS))


def _marked(matches: Matches, group: NDArray[np.intp], mark: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where the group's turn, scale and shift, in the middle of its members', put the mark: x0 y0 x1 y1, px."""
    (query, target), (query_axes, target_axes) = (
        tuple(points[group] @ np.array([1, 1j]) for points in pair)
        for pair in ((matches.query, matches.target), (matches.query_axes, matches.target_axes))
    )
    turns = query_axes / np.where(target_axes == 0, 1e-3, target_axes)
    direction = np.sum(turns / np.maximum(np.abs(turns), 1e-9))
    turn = np.median(np.abs(turns)) * direction / max(float(np.abs(direction)), 1e-9)
    shift = query - turn * target
    x, y, w, h = cv2.boundingRect((mark > 0.5).astype(np.uint8))
    corners = turn * np.array([x + 1j * y, x + w + 1j * y, x + w + 1j * (y + h), x + 1j * (y + h)])
    corners += np.median(shift.real) + 1j * np.median(shift.imag)
    return np.array([corners.real.min(), corners.imag.min(), corners.real.max(), corners.imag.max()])


def _clipped(found: NDArray[np.float64], width_px: int, height_px: int) -> Box | None:
    """The part of a box in px that lies in the photo, as fractions; None where most does not, or it is too small."""
    sides = np.array([width_px, height_px, width_px, height_px], np.float64)
    inside = np.clip(found, 0, sides)
    whole, seen = (np.maximum(box[2:] - box[:2], 0.0) for box in (found, inside))
    if seen.max() < LEAST_SIDE_PX or seen.prod() < INSIDE * whole.prod() or seen.min() < 1:
        return None
    x0, y0, x1, y1 = (inside / sides).tolist()
    return x0, y0, x1, y1
