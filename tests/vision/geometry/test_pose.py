"""What a pinhole can do to a flat mark."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.geometry import pose

PX = np.array([640, 640], np.int32)
angle = st.floats(-40, 40)


@given(angle, angle)
def test_a_tilted_plane_is_rigid(yaw: float, pitch: float) -> None:
    seen = pose.rigidity(pose.tilt(yaw, pitch, 640), PX)
    assert np.abs(seen).max() < 1e-6


@given(angle, angle, st.floats(0.8, 1.25))
def test_a_stretched_mark_shows_its_stretch(yaw: float, pitch: float, stretch: float) -> None:
    centre = np.array([[stretch, 0, 320 * (1 - stretch)], [0, 1, 0], [0, 0, 1]])
    seen = pose.rigidity(pose.tilt(yaw, pitch, 640) @ centre, PX)
    assert seen[0] == pytest.approx(np.log(stretch), abs=1e-6)


def test_the_plane_is_found_from_photographs_of_it() -> None:
    rng = np.random.default_rng(0)
    anchor = pose.tilt(18, -12, 640)
    views = np.stack([pose.tilt(rng.uniform(-25, 25), rng.uniform(-25, 25), 640) for _ in range(8)])
    frame_to_photo = views @ np.linalg.inv(anchor)  # the frame is the anchor's view
    plane = np.linalg.inv(pose.metric_of(frame_to_photo, np.tile(PX, (8, 1)), 640))
    left_over = np.abs(pose.rigidity(frame_to_photo @ plane, np.tile(PX, (8, 1)))).mean()
    untouched = np.abs(pose.rigidity(frame_to_photo, np.tile(PX, (8, 1)))).mean()
    assert left_over < 0.03 < untouched
