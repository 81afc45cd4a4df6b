"""Pose: what a pinhole camera can do to a flat mark, and what it cannot.

A homography from the mark's true plane to a photo is rigid when the first two columns of `K^-1 H` have
equal length and a right angle (Zhang, "A flexible new technique for camera calibration", 2000, section
2.3). A mark printed too wide breaks the first, one sheared the second. Focal length is not known: it is
taken from what phones and cameras have, and the photo's centre is taken for the principal point.
"""

import numpy as np
from numpy.typing import NDArray

PRIOR_FOCAL = 1.2
TILTS_DEGREES = np.arange(-48, 49, 6.0)


def rigidity(
    frame_to_photo: NDArray[np.float64], photo_px: NDArray[np.int32], focal: float = PRIOR_FOCAL
) -> NDArray[np.float64]:
    """How far maps `[..., 3, 3]` from a true plane are from a rigid pose `[..., 2]`.

    First the log ratio of the two axes' lengths, then the cosine of the angle between them; 0, 0 is rigid.
    `photo_px` is `[..., 2]`, width and height.
    """
    size = np.asarray(photo_px, np.float64)
    side = size.max(axis=-1) * focal
    top = frame_to_photo[..., :2, :2] - frame_to_photo[..., 2:, :2] * (size[..., :, None] / 2)
    axes = np.concatenate([top / side[..., None, None], frame_to_photo[..., 2:, :2]], axis=-2)  # [..., 3, 2]
    length = np.linalg.norm(axes, axis=-2)
    cosine = (axes[..., 0] * axes[..., 1]).sum(axis=-1) / np.maximum(length.prod(axis=-1), 1e-12)
    return np.stack([np.log(length[..., 0] / np.maximum(length[..., 1], 1e-12)), cosine], axis=-1)


def tilt(yaw_degrees: float, pitch_degrees: float, size_px: int, focal: float = PRIOR_FOCAL) -> NDArray[np.float64]:
    """Homography `[3, 3]` from a plane seen so tilted, filling a view of `size_px`, to that view."""
    yaw, pitch = np.radians([yaw_degrees, pitch_degrees])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    rotation = about_x @ about_y
    camera = np.array([[focal * size_px, 0, size_px / 2], [0, focal * size_px, size_px / 2], [0, 0, 1.0]])
    pose = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal]])
    centre = np.array([[1 / size_px, 0, -0.5], [0, 1 / size_px, -0.5], [0, 0, 1.0]])
    return np.asarray(camera @ pose @ centre, np.float64)


def metric_of(frame_to_photo: NDArray[np.float64], photo_px: NDArray[np.int32], size_px: int) -> NDArray[np.float64]:
    """Homography `[3, 3]` frame -> true plane under which `N` photos `[N, 3, 3]` are most nearly rigid.

    The frame is some photo's view, so two angles of tilt set it right; all on a grid are tried, with a
    slight preference for none, since few photos say little.
    """
    best, chosen = np.inf, np.eye(3)
    for yaw in TILTS_DEGREES:
        for pitch in TILTS_DEGREES:
            plane = tilt(yaw, pitch, size_px)
            broken = np.minimum(np.abs(rigidity(frame_to_photo @ plane, photo_px)), 0.3).sum()
            cost = broken / len(photo_px) + 0.0004 * (abs(yaw) + abs(pitch))
            if cost < best:
                best, chosen = cost, plane
    return np.asarray(np.linalg.inv(chosen), np.float64)
