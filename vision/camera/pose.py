"""Pose: a pinhole camera before a plane or cylinder, so that foreshortening is always physically possible.

Plane units: the mark's longer side is 1, the origin is the mark's centre, z points away from the camera.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera.conditions import Conditions

Box = tuple[float, float, float, float]  # x0 y0 x1 y1
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the camera stands. `homography` maps canvas px to photo px of the uncurved canvas."""

    intrinsics: Matrix  # [3, 3]
    rotation: Matrix  # [3, 3] plane units to camera axes
    translation: Matrix  # [3] the mark's centre in camera axes, plane units
    to_plane: Matrix  # [3, 3] canvas px to plane units, homogeneous
    curvature: float  # 1 / radius of the cylinder, plane units; 0 is flat
    bend_axis_rad: float  # direction, within the plane, along which the canvas bends

    @property
    def homography(self) -> Matrix:
        """float64 [3, 3], canvas px to photo px, scaled so that its last entry is 1."""
        plane = np.column_stack([self.rotation[:, 0], self.rotation[:, 1], self.translation])
        matrix = self.intrinsics @ plane @ self.to_plane
        return np.asarray(matrix / matrix[2, 2], np.float64)


def draw(
    conditions: Conditions,
    canvas_px: tuple[int, int],
    mark_px: Box,
    frame_px: tuple[int, int],
    rng: np.random.Generator,
) -> Pose:
    """A pose under which the mark takes the drawn share of the frame and lies inside it.

    Sizes are (width, height) px; `mark_px` is the mark's box on the canvas.
    """
    angles = [
        rng.uniform(-limit, limit)
        for limit in (conditions.max_yaw_deg, conditions.max_pitch_deg, conditions.max_roll_deg)
    ]
    focal_px = rng.uniform(*conditions.focal) * frame_px[0]
    share = rng.uniform(*conditions.share)
    offset = rng.uniform(-0.5, 0.5, 2) * conditions.off_centre * (1.0 - min(share, 1.0))
    curved = rng.random() < conditions.curved_chance
    curvature, axis = rng.uniform(*conditions.curvature), rng.uniform(0.0, np.pi)
    rotation = rotation_of(*angles)
    to_plane = _to_plane(mark_px)
    intrinsics = np.array([[focal_px, 0.0, frame_px[0] / 2], [0.0, focal_px, frame_px[1] / 2], [0.0, 0.0, 1.0]])
    nearest = 0.2 + 1.25 * _reach(rotation, apply(to_plane, corners((0.0, 0.0, *canvas_px))))
    mark = apply(to_plane, corners(mark_px))
    direction = np.array([offset[0] * frame_px[0] / focal_px, offset[1] * frame_px[1] / focal_px, 1.0])
    translation = direction * _distance(mark, rotation, intrinsics, direction, share, frame_px, nearest)
    intrinsics = _keep_inside(intrinsics, _project(mark, rotation, intrinsics, translation), frame_px)
    return Pose(intrinsics, rotation, translation, to_plane, curvature if curved else 0.0, axis)


def rotation_of(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Matrix:
    """Roll after pitch after yaw, about the camera's z, x and y axes."""
    (cy, cp, cr), (sy, sp, sr) = (f(np.radians([yaw_deg, pitch_deg, roll_deg])) for f in (np.cos, np.sin))
    yaw = np.array([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
    pitch = np.array([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
    roll = np.array([[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(roll @ pitch @ yaw, np.float64)


def corners(box: Box) -> Matrix:
    """The four corners [4, 2] of a box, clockwise from the upper left."""
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)


def apply(matrix: Matrix, points: Matrix) -> Matrix:
    """Points [n, 2] under a homogeneous 3x3."""
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:], np.float64)


def extent(points: Matrix) -> tuple[Matrix, Matrix]:
    """Lower and upper corner of the box around points [n, 2]."""
    return points.min(axis=0), points.max(axis=0)


def _to_plane(mark_px: Box) -> Matrix:
    x0, y0, x1, y1 = mark_px
    unit = 1.0 / max(x1 - x0, y1 - y0)
    return np.array([[unit, 0.0, -unit * (x0 + x1) / 2], [0.0, unit, -unit * (y0 + y1) / 2], [0.0, 0.0, 1.0]])


def _reach(rotation: Matrix, points: Matrix) -> float:
    """How far, at most, the canvas comes towards the camera from the mark's centre."""
    return float(np.max(-(points @ rotation[2, :2])))


def _project(points: Matrix, rotation: Matrix, intrinsics: Matrix, translation: Matrix) -> Matrix:
    camera = points @ rotation[:, :2].T + translation
    pixels = camera @ intrinsics.T
    return np.asarray(pixels[:, :2] / pixels[:, 2:], np.float64)


def _distance(
    mark: Matrix,
    rotation: Matrix,
    intrinsics: Matrix,
    direction: Matrix,
    share: float,
    frame_px: tuple[int, int],
    nearest: float,
) -> float:
    """Distance at which the mark's larger extent is `share` of the frame: size falls about as 1 / distance."""
    distance = max(nearest, float(intrinsics[0, 0]) / (share * frame_px[0]))
    for _ in range(8):
        low, high = extent(_project(mark, rotation, intrinsics, direction * distance))
        seen = float(np.max((high - low) / np.array(frame_px)))
        distance = max(nearest, distance * seen / share)
    return distance


def _keep_inside(intrinsics: Matrix, mark_px: Matrix, frame_px: tuple[int, int]) -> Matrix:
    """The same camera cropped so that the mark lies inside the frame (cropping moves the principal point)."""
    low, high = extent(mark_px)
    margin = 0.02 * np.array(frame_px)
    room = np.array(frame_px) - margin
    shift = np.where(low < margin, margin - low, np.where(high > room, room - high, 0.0))
    moved = intrinsics.copy()
    moved[:2, 2] += shift
    return moved
