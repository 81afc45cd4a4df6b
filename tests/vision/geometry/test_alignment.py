"""Features, matching and the homography that a camera can take."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.scenes import artwork_of, photo_of
from vision.geometry import alignment
from vision.geometry.features import LocalFeatures, extract, project
from vision.geometry.registration import FRAME_PX, local_contrast, magnification, register, warp

SEED = 9_000_001


def features_of(seed: int) -> LocalFeatures:
    return extract(photo_of(artwork_of(SEED), seed).pixels)


def test_a_photo_aligns_with_itself_exactly() -> None:
    features = features_of(1)
    found = alignment.align(alignment.match(features, features), (400.0, 300.0))
    assert found is not None
    assert np.allclose(found.homography / found.homography[2, 2], np.eye(3), atol=1e-3)


def test_two_photographs_of_one_mark_align() -> None:
    found = alignment.align(alignment.match(features_of(1), features_of(2)), (400.0, 300.0))
    assert found is not None
    assert found.inliers >= alignment.MIN_INLIERS


def test_matches_are_the_mutually_nearest_that_pass_the_ratio_test() -> None:
    """By the definition, pair by pair. The target's first descriptor stands twice, so it is matched with nothing."""
    query, target = features_of(1), features_of(2)
    target = target.take(np.concatenate([[0], np.arange(len(target))]))
    distance = np.linalg.norm(query.rooted[:, None] - target.rooted[None], axis=2)  # [Q, T]
    near, far = np.sort(distance, axis=1)[:, :2].T
    best, back = distance.argmin(axis=1), distance.argmin(axis=0)
    expected = [q for q in range(len(query)) if back[best[q]] == q and near[q] < alignment.RATIO * far[q]]
    found = alignment.match(query, target)
    np.testing.assert_array_equal(found.query, query.points[expected])
    np.testing.assert_array_equal(found.target, target.points[best[expected]])


def test_noise_aligns_with_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    assert alignment.align(alignment.match(extract(noise), features_of(1)), (400.0, 300.0)) is None


def test_a_blank_photo_has_no_features_and_no_matches() -> None:
    blank = extract(np.full((200, 200, 3), 128, np.uint8))
    assert len(blank) == 0
    assert len(alignment.match(blank, features_of(1)).query) == 0


def test_mirrored_features_are_those_of_the_mirrored_photo() -> None:
    pixels = photo_of(artwork_of(SEED), 1).pixels
    turned = extract(np.ascontiguousarray(pixels[:, ::-1]))
    upright = alignment.match(extract(pixels), turned)
    mirrored = alignment.match(extract(pixels).mirrored(), turned)
    assert len(mirrored.query) > 2 * max(len(upright.query), 1)
    found = alignment.align(mirrored, (400.0, 300.0), mirrored=True)
    assert found is not None
    assert np.linalg.det(found.homography) < 0


@pytest.mark.parametrize(
    "homography",
    [
        np.diag([-1.0, 1.0, 1.0]),  # mirrored
        np.diag([6.0, 1.0, 1.0]),  # no pose foreshortens so
        np.array([[1, 0, 0], [0, 1, 0], [0.02, 0, 1.0]]),  # the horizon crosses the frame
        np.zeros((3, 3)),
    ],
)
def test_maps_that_no_camera_takes_are_refused(homography: NDArray[np.float64]) -> None:
    assert not alignment.plausible(homography, (192.0, 192.0))


def test_registration_takes_out_a_small_error_of_pose() -> None:
    pixels = photo_of(artwork_of(SEED), 1).pixels
    target, _ = warp(pixels, np.diag([0.48, 0.48, 1.0]))
    off = np.array([[0.48, 0.01, 3.0], [-0.01, 0.48, -2.0], [0, 0, 1.0]])
    grey = np.asarray(cv2.cvtColor(target, cv2.COLOR_RGB2GRAY), np.uint8)
    found = register(pixels, off, local_contrast(grey), np.ones((FRAME_PX, FRAME_PX), np.float32), rounds=4)
    corners = np.array([[40, 40], [300, 40], [300, 250], [40, 250]], np.float32)
    error = project(found.homography, corners) - project(np.diag([0.48, 0.48, 1.0]), corners)
    assert np.abs(error).max() < 1.0


def test_magnification_is_frame_px_per_photo_px() -> None:
    assert magnification(np.diag([2.0, 2.0, 1.0])) == pytest.approx(2.0)
