"""The canvas as the lens sees it: projected flat or from a cylinder, in linear light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.colour import to_linear
from vision.camera.pose import Matrix, Pose


@dataclass(frozen=True, eq=False)
class Surface:
    """The canvas in the frame. `light` is linear RGB already multiplied by `alpha`."""

    light: NDArray[np.float32]  # [H, W, 3]
    alpha: NDArray[np.float32]  # [H, W, 1] 0..1
    bend: NDArray[np.float32] | None  # [H, W] radians by which the surface turns away; None when flat


def project(canvas: NDArray[np.uint8], pose: Pose, frame_px: tuple[int, int]) -> Surface:
    """The canvas RGBA [h, w, 4] seen from `pose` in a frame of (width, height) px."""
    shrunk, to_canvas = _shrink_to_scale(canvas, pose.homography)
    layer = _premultiplied(shrunk)
    if pose.curvature > 1e-3:
        seen, bend = _from_cylinder(layer, pose, to_canvas, frame_px)
        return Surface(seen[..., :3], seen[..., 3:], bend)
    whole = pose.homography @ to_canvas
    seen = np.asarray(cv2.warpPerspective(layer, whole, frame_px, flags=cv2.INTER_LINEAR), np.float32)
    return Surface(seen[..., :3], seen[..., 3:], None)


def _premultiplied(canvas: NDArray[np.uint8]) -> NDArray[np.float32]:
    alpha = canvas[..., 3:].astype(np.float32) / np.float32(255.0)
    return np.concatenate([to_linear(canvas[..., :3]) * alpha, alpha], axis=2)


def _shrink_to_scale(canvas: NDArray[np.uint8], homography: Matrix) -> tuple[NDArray[np.uint8], Matrix]:
    """The canvas averaged down to about its size in the photo (sampling it sparsely would alias)."""
    height, width = canvas.shape[:2]
    scale = _scale_at(homography, width / 2, height / 2)
    if scale > 0.8:
        return canvas, np.eye(3)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    shrunk = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    fx, fy = width / size[0], height / size[1]
    to_canvas = np.array([[fx, 0.0, (fx - 1) / 2], [0.0, fy, (fy - 1) / 2], [0.0, 0.0, 1.0]])
    return np.asarray(shrunk, np.uint8), to_canvas


def _scale_at(homography: Matrix, x: float, y: float) -> float:
    """Photo px per canvas px at a canvas point: root of the homography's Jacobian determinant there."""
    depth = float(homography[2] @ np.array([x, y, 1.0]))
    return float(np.sqrt(abs(np.linalg.det(homography) / depth**3)))


def _from_cylinder(
    layer: NDArray[np.float32], pose: Pose, to_canvas: Matrix, frame_px: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each pixel's ray meets the cylinder that touches the plane at the mark's centre; unroll the meeting point."""
    radius = np.float32(1.0 / pose.curvature)
    cos, sin = np.cos(pose.bend_axis_rad), np.sin(pose.bend_axis_rad)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])  # plane axes to along, across, away
    ray = _rays(turn @ pose.rotation.T @ np.linalg.inv(pose.intrinsics), frame_px)
    start = (turn @ pose.rotation.T @ -pose.translation).astype(np.float32)
    away = start[2] - radius
    a = ray[0] ** 2 + ray[2] ** 2
    b = start[0] * ray[0] + away * ray[2]
    room = b**2 - a * (start[0] ** 2 + away**2 - radius**2)
    steps = (-b - np.sqrt(np.maximum(room, 0.0))) / a
    angle = np.arctan2(start[0] + steps * ray[0], radius - start[2] - steps * ray[2])
    along, across = radius * angle, start[1] + steps * ray[1]
    to_layer = (np.linalg.inv(pose.to_plane @ to_canvas)).astype(np.float32)
    x, y = np.float32(cos) * along - np.float32(sin) * across, np.float32(sin) * along + np.float32(cos) * across
    map_x = np.where(room > 0, to_layer[0, 0] * x + to_layer[0, 2], np.float32(-9.0))
    map_y = to_layer[1, 1] * y + to_layer[1, 2]
    seen = cv2.remap(layer, map_x, map_y, cv2.INTER_LINEAR)
    return np.asarray(seen, np.float32), np.asarray(angle, np.float32)


def _rays(matrix: Matrix, frame_px: tuple[int, int]) -> tuple[NDArray[np.float32], ...]:
    """The direction of each pixel's ray, three fields [H, W]."""
    width, height = frame_px
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    m = matrix.astype(np.float32)
    return tuple(m[i, 0] * x + m[i, 1] * y + m[i, 2] for i in range(3))
