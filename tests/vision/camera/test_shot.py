"""Photographs: reproducible, well framed, and blind to what they show."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.camera import MILD, MONO, PRESETS, STUDIO, Conditions, photograph, pose
from vision.camera.backdrop import KINDS, backdrop
from vision.camera.conditions import ALL_BACKDROPS

CLEAN = replace(
    STUDIO,
    gloss_chance=0.0,
    curved_chance=0.0,
    light_gradient=(0.0, 0.0),
    vignette=(0.0, 0.0),
    white_balance=(1.0, 1.0),
    exposure_ev=(0.0, 0.0),
    gamma=(1.0, 1.0),
    noise=(0.0, 0.0),
    chroma_noise=(0.0, 0.0),
    jpeg_quality=(97.0, 97.0),
)


def canvas_of(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    canvas = np.zeros((240, 300, 4), np.uint8)
    canvas[30:210, 40:260] = (red, green, blue, 255)
    return canvas


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("out_px", [96, 512])
def test_every_preset_gives_a_photo_of_the_size_asked_for(preset: str, out_px: int) -> None:
    for seed in range(6):
        shot = photograph(canvas_of(200, 30, 30), PRESETS[preset], np.random.default_rng(seed), out_px)
        assert shot.photo.dtype == np.uint8
        assert max(shot.photo.shape[:2]) == out_px
        assert shot.photo.shape[2] == 3
        assert 0.0 <= shot.box[0] < shot.box[2] <= 1.0
        assert 0.0 <= shot.box[1] < shot.box[3] <= 1.0


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_seed_gives_the_same_bytes(preset: str) -> None:
    one, other = (photograph(canvas_of(9, 90, 200), PRESETS[preset], np.random.default_rng(7), 256) for _ in range(2))
    assert one.photo.tobytes() == other.photo.tobytes()
    assert np.array_equal(one.homography, other.homography)
    third = photograph(canvas_of(9, 90, 200), PRESETS[preset], np.random.default_rng(8), 256)
    assert third.photo.tobytes() != one.photo.tobytes()


def test_the_quad_is_the_canvas_under_the_homography() -> None:
    shot = photograph(canvas_of(0, 0, 0), MILD, np.random.default_rng(1))
    assert np.allclose(shot.quad, pose.apply(shot.homography, pose.corners((0.0, 0.0, 300.0, 240.0))), atol=1e-3)


def test_the_photo_shows_the_canvas_where_the_homography_says() -> None:
    for seed in range(8):
        shot = photograph(canvas_of(220, 20, 20), CLEAN, np.random.default_rng(seed))
        x, y = pose.apply(shot.homography, np.array([[150.0, 120.0]]))[0].astype(int)
        red, green, blue = shot.photo[y, x].astype(int)
        assert red > 170
        assert max(green, blue) < 70


def test_neither_pose_nor_surroundings_depend_on_the_design() -> None:
    """What is photographed alike may differ only where the mark does."""
    forged = canvas_of(200, 30, 30)
    forged[80:140, 120:180, :3] = 255
    for seed in range(4):
        one, other = (
            photograph(canvas, CLEAN, np.random.default_rng(seed)) for canvas in (canvas_of(200, 30, 30), forged)
        )
        assert np.array_equal(one.homography, other.homography)
        low, high = pose.extent(pose.apply(one.homography, pose.corners((120.0, 80.0, 180.0, 140.0))))
        difference = np.abs(one.photo.astype(int) - other.photo.astype(int)).max(axis=2)
        x0, y0, x1, y1 = *(low - 20).astype(int), *(high + 20).astype(int)
        assert difference[y0:y1, x0:x1].max() > 60
        difference[max(y0, 0) : y1, max(x0, 0) : x1] = 0
        assert difference.max() <= 3


def test_framing_follows_the_mark_when_its_box_is_given() -> None:
    rng = np.random.default_rng(2)
    shot = photograph(canvas_of(20, 20, 20), CLEAN, rng, mark_box=(0.4, 0.4, 0.6, 0.6))
    width, height = shot.box[2] - shot.box[0], shot.box[3] - shot.box[1]
    assert CLEAN.share[0] - 0.01 <= max(width, height) <= CLEAN.share[1] + 0.01


def test_an_empty_canvas_gives_its_surroundings() -> None:
    shot = photograph(np.zeros((64, 64, 4), np.uint8), MILD, np.random.default_rng(0), 128)
    assert max(shot.photo.shape) == 128


def test_monochrome_photographs_have_no_colour() -> None:
    shot = photograph(canvas_of(220, 20, 20), MONO, np.random.default_rng(0), 128)
    assert int(np.ptp(shot.photo.astype(int), axis=2).max()) <= 2


@pytest.mark.parametrize("kind", ALL_BACKDROPS)
def test_every_backdrop_can_be_drawn(kind: str) -> None:
    scene = backdrop(kind, 90, 120, np.random.default_rng(0))
    assert scene.shape == (90, 120, 3)
    assert scene.dtype == np.float32
    assert 0.0 <= float(scene.min()) <= float(scene.max()) <= 1.0


def test_backdrops_named_by_conditions_exist() -> None:
    assert set(ALL_BACKDROPS) == set(KINDS)
    assert all(set(conditions.backdrops) <= set(KINDS) for conditions in PRESETS.values())


def test_conditions_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Conditions().gloss_chance = 1.0  # type: ignore[misc]
