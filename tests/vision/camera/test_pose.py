"""The pose is a pinhole's: it obeys what a plane before a camera can do."""

import numpy as np
import pytest

from vision.camera import PRESETS, pose
from vision.camera.surface import project

CANVAS, MARK, FRAME = (600, 500), (150.0, 120.0, 450.0, 330.0), (512, 384)


def drawn(preset: str, seed: int) -> pose.Pose:
    return pose.draw(PRESETS[preset], CANVAS, MARK, FRAME, np.random.default_rng(seed))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_mark_lies_inside_the_frame(preset: str) -> None:
    for seed in range(40):
        seen = pose.apply(drawn(preset, seed).homography, pose.corners(MARK))
        assert seen.min() >= 0.0
        assert np.all(seen <= np.array(FRAME))


def test_the_mark_takes_a_share_within_the_conditions() -> None:
    low, high = PRESETS["mild"].share
    for seed in range(40):
        near, far = pose.extent(pose.apply(drawn("mild", seed).homography, pose.corners(MARK)))
        assert low - 0.01 <= float(np.max((far - near) / np.array(FRAME))) <= high + 0.01


@pytest.mark.parametrize("preset", PRESETS)
def test_the_whole_canvas_stands_before_the_camera(preset: str) -> None:
    corners = np.column_stack([pose.corners((0.0, 0.0, *CANVAS)), np.ones(4)])
    for seed in range(40):
        depth = corners @ drawn(preset, seed).homography[2]
        assert np.all(depth * np.sign(depth[0]) > 0.0)


def test_the_homography_is_a_rotation_seen_through_the_lens() -> None:
    stand = drawn("hard", 5)
    plane = np.linalg.inv(stand.intrinsics) @ stand.homography @ np.linalg.inv(stand.to_plane)
    x_axis, y_axis = plane[:, 0], plane[:, 1]
    assert abs(x_axis @ y_axis) < 1e-9 * (x_axis @ x_axis)
    assert np.linalg.norm(x_axis) == pytest.approx(np.linalg.norm(y_axis))


def test_rotations_are_proper() -> None:
    rotation = pose.rotation_of(31.0, -22.0, 9.0)
    assert np.allclose(rotation @ rotation.T, np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_a_cylinder_of_vast_radius_is_flat() -> None:
    rng = np.random.default_rng(0)
    canvas = rng.integers(0, 256, (50, 60, 4), dtype=np.uint8).repeat(10, axis=0).repeat(10, axis=1)
    flat = drawn("mild", 11)
    flat = pose.Pose(flat.intrinsics, flat.rotation, flat.translation, flat.to_plane, 0.0, 0.7)
    bent = pose.Pose(flat.intrinsics, flat.rotation, flat.translation, flat.to_plane, 2e-3, 0.7)
    difference = np.abs(project(canvas, flat, FRAME).light - project(canvas, bent, FRAME).light)
    assert float(difference.mean()) < 0.003


def test_bending_keeps_the_mark_in_its_place() -> None:
    canvas = np.zeros((500, 600, 4), np.uint8)
    canvas[120:330, 150:450] = 255
    flat = drawn("mild", 3)
    bent = pose.Pose(flat.intrinsics, flat.rotation, flat.translation, flat.to_plane, 0.6, 1.1)
    centre = pose.apply(flat.homography, np.array([[300.0, 225.0]]))[0]
    alpha = project(canvas, bent, FRAME).alpha[..., 0]
    rows, columns = np.nonzero(alpha > 0.5)
    assert np.hypot(columns.mean() - centre[0], rows.mean() - centre[1]) < 0.05 * FRAME[0]
