"""Polish: a rough start is moved to where the photo agrees best with a template, in a small frame and few steps.

Inverse compositional alignment (Baker and Matthews, IJCV 56(3), 2004, section 3.2) of local contrast under an affine
map, both sides brought to mean 0 and deviation 1 over the mark, so that neither light nor material counts. Coarse
starts that look alike are told apart by what they become.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import luminance
from vision.geometry.registration import local_contrast, warp
from vision.geometry.scan import CONTRAST_SIGMA, FRAME_SHARE, PlacePx, Start

FRAME_PX = 40  # side at which a template is compared
WINDOW_PX = 80  # side of what is seen about a place, at a scale where the frame takes half of it
STEPS = 8
LONGEST_STEP = 0.25  # change of the map's numbers at once, in halves of the frame
DAMPING = 0.02  # of the mean curvature
GAIN = 1e-4  # in likeness, below which a step brought nothing
SCALES = (0.6, 1.75)  # of the longer axis against what the place lets expect: beyond, it fits something else
MOST_STRETCH = 2.2  # between the axes
MOST_SHIFT_PX = 12.0  # of the frame's middle from the place's

_HALF = (FRAME_PX - 1) / 2
_TO_UNIT = np.array([[1 / _HALF, 0, -1], [0, 1 / _HALF, -1], [0, 0, 1.0]])  # frame px -> -1..1
_FROM_UNIT = np.linalg.inv(_TO_UNIT)
_Y, _X = np.mgrid[:FRAME_PX, :FRAME_PX].astype(np.float64)
_GRID = np.stack([_X.ravel(), _Y.ravel(), np.ones(FRAME_PX * FRAME_PX)])


@dataclass(frozen=True, eq=False)
class Window:
    """What is seen about a place of a photo."""

    contrast: NDArray[np.float32]  # [WINDOW_PX, WINDOW_PX] local contrast, 0 beyond the photo
    to_window: NDArray[np.float64]  # [3, 3] photo px -> window px

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], place: PlacePx) -> "Window":
        """The window about a place of a photo `[H, W, 3]`."""
        scale = FRAME_PX / (FRAME_SHARE * max(place[2] - place[0], place[3] - place[1]))
        middle = np.array([place[0] + place[2] - 1, place[1] + place[3] - 1]) / 2
        shift = (WINDOW_PX - 1) / 2 - scale * middle
        to_window = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1.0]])
        seen, inside = warp(pixels, to_window, WINDOW_PX)
        return cls(local_contrast(luminance(seen), CONTRAST_SIGMA * FRAME_PX) * inside, to_window)


@dataclass(frozen=True, eq=False)
class Goal:
    """A template made ready to be agreed with."""

    weight: NDArray[np.float32]  # [P] the mark; sums to 1
    values: NDArray[np.float32]  # [P] local contrast of mean 0 and deviation 1 over the mark
    descent: NDArray[np.float32]  # [6, P] of a difference to the change of the map that explains it best
    to_frame: NDArray[np.float64]  # [3, 3] px of the small frame -> px of the template's

    @classmethod
    def of(cls, target: NDArray[np.float32], mark: NDArray[np.float32]) -> "Goal":
        """From local contrast and mark of a frame, `[S, S]` each."""
        size = (FRAME_PX, FRAME_PX)
        weight = np.asarray(cv2.resize(mark, size, interpolation=cv2.INTER_AREA), np.float32).ravel()
        weight /= max(float(weight.sum()), 1e-6)
        values = _even(np.asarray(cv2.resize(target * mark, size, interpolation=cv2.INTER_AREA), np.float32), weight)
        drawn = values.reshape(size)
        across, down = (cv2.Sobel(drawn, cv2.CV_32F, *axis, scale=1 / 8).ravel() for axis in ((1, 0), (0, 1)))
        x, y = _X.ravel() / _HALF - 1, _Y.ravel() / _HALF - 1
        slopes = np.stack([across * x, across * y, across, down * x, down * y, down]).astype(np.float32)
        weighed = slopes * weight
        curvature = weighed @ slopes.T
        damped = curvature + np.eye(6, dtype=np.float32) * (DAMPING * np.trace(curvature) / 6 + 1e-9)
        scale = len(target) / FRAME_PX
        to_frame = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1.0]])
        return cls(weight, values, np.asarray(np.linalg.solve(damped, weighed), np.float32), to_frame)


def polish(window: Window, goal: Goal, start: Start) -> Start:
    """Where a start leads to: the map on the way with the greatest likeness, which is no other scale or place."""
    to_window = window.to_window @ np.linalg.inv(start.homography) @ goal.to_frame  # of the small frame
    best, best_map = -1.0, to_window
    for _ in range(STEPS + 1):
        if not _expected(to_window):
            break
        seen = _seen(window, goal, to_window)
        likeness = float(goal.weight @ (seen * goal.values))
        if likeness < best + GAIN:
            break
        best, best_map = likeness, to_window
        step = np.clip(goal.descent @ (seen - goal.values) / _HALF, -LONGEST_STEP, LONGEST_STEP).astype(np.float64)
        moved = np.array([[1 + step[0], step[1], step[2]], [step[3], 1 + step[4], step[5]], [0, 0, 1.0]])
        to_window = to_window @ np.linalg.inv(_FROM_UNIT @ moved @ _TO_UNIT)
    return Start(best, np.asarray(goal.to_frame @ np.linalg.inv(best_map) @ window.to_window, np.float64))


def _seen(window: Window, goal: Goal, to_window: NDArray[np.float64]) -> NDArray[np.float32]:
    """Local contrast `[P]` of the window in the small frame, of mean 0 and deviation 1 over the mark."""
    at = to_window @ _GRID
    across, down = (np.asarray(at[axis] / at[2], np.float32).reshape(FRAME_PX, FRAME_PX) for axis in (0, 1))
    values = cv2.remap(
        window.contrast, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0.0,)
    )
    return _even(np.asarray(values, np.float32), goal.weight)


def _even(values: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of mean 0 and deviation 1 under weights `[P]`."""
    centred = values.ravel() - weight @ values.ravel()
    return np.asarray(centred / np.sqrt(weight @ (centred * centred) + 1e-6), np.float32)


def _expected(to_window: NDArray[np.float64]) -> bool:
    """Whether a map from the small frame is of about the size and place that it was looked for at."""
    middle = to_window @ [_HALF, _HALF, 1.0]
    shift = np.abs(middle[:2] / middle[2] - (WINDOW_PX - 1) / 2).max()
    if shift >= MOST_SHIFT_PX:
        return False
    longer, shorter = np.linalg.svd(to_window[:2, :2] / to_window[2, 2], compute_uv=False)
    return bool(SCALES[0] < longer < SCALES[1] and longer < MOST_STRETCH * shorter)
