"""Stands: how a thing stands before the camera of a scene."""

from dataclasses import dataclass

import numpy as np

from vision.camera.pose import Matrix, Pose, rotation_of


@dataclass(frozen=True)
class Stand:
    """Place and attitude of a thing. Angles in degrees."""

    x: float  # px of its middle in the picture
    y: float
    side_px: float  # longer side of its canvas, were it seen frontally
    turn: float = 0.0  # within its own plane, as a thing lies on a table
    yaw: float = 0.0  # of that plane
    pitch: float = 0.0
    roll: float = 0.0  # of the camera

    @property
    def rotation(self) -> Matrix:
        """[3, 3] plane units to camera axes."""
        return np.asarray(rotation_of(self.yaw, self.pitch, self.roll) @ rotation_of(0.0, 0.0, self.turn), np.float64)

    def pose(self, canvas_px: tuple[int, int], frame_px: tuple[int, int], focal_px: float, bend: float = 0.0) -> Pose:
        """The camera's pose before a canvas of (width, height) px in a frame of (width, height) px.

        Plane units: the canvas' longer side is 1. `bend` is the radians that its width spans.
        """
        longer = max(canvas_px)
        to_plane = np.array(
            [
                [1 / longer, 0.0, -canvas_px[0] / 2 / longer],
                [0.0, 1 / longer, -canvas_px[1] / 2 / longer],
                [0.0, 0.0, 1.0],
            ]
        )
        middle = np.array(frame_px) / 2
        intrinsics = np.array([[focal_px, 0.0, middle[0]], [0.0, focal_px, middle[1]], [0.0, 0.0, 1.0]])
        distance = focal_px / max(self.side_px, 1.0)
        away = np.array([(self.x - middle[0]) / focal_px, (self.y - middle[1]) / focal_px, 1.0])
        curvature = bend * longer / canvas_px[0]
        return Pose(intrinsics, self.rotation, away * max(distance, 0.75), to_plane, curvature, 0.0)


def tilt_deg(pose: Pose) -> float:
    """Angle between a plane's normal and the line of sight to its origin, 0..90."""
    cosine = abs(float(pose.rotation[:, 2] @ pose.translation)) / float(np.linalg.norm(pose.translation))
    return float(np.degrees(np.arccos(min(1.0, cosine))))


def shifted(pose: Pose, x: float, y: float, piece: Matrix | None = None) -> Pose:
    """The same pose in a frame whose origin lies at x, y px; of a piece of its canvas, given piece px to canvas px."""
    intrinsics = pose.intrinsics.copy()
    intrinsics[:2, 2] -= (x, y)
    to_plane = pose.to_plane if piece is None else pose.to_plane @ piece
    return Pose(intrinsics, pose.rotation, pose.translation, to_plane, pose.curvature, pose.bend_axis_rad)
