"""The altered area in the frame of the references."""

import numpy as np

from benchmarks.forgery.readings import TOLERANCE_PX, in_frame


def test_a_mask_is_carried_by_the_homography_and_grown() -> None:
    mask = np.zeros((300, 400), np.bool_)
    mask[150:180, 200:240] = True
    halved = np.diag([0.5, 0.5, 1.0])  # working px to frame px; working size is half the photograph's
    area = in_frame(mask, (200, 150), halved, 100)
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    assert abs(rows[0] - (150 / 4 - TOLERANCE_PX)) <= 1.5
    assert abs(rows[-1] - (180 / 4 + TOLERANCE_PX)) <= 1.5
    assert abs(columns[0] - (200 / 4 - TOLERANCE_PX)) <= 1.5
    assert abs(columns[-1] - (240 / 4 + TOLERANCE_PX)) <= 1.5
