"""Colour: light is taken out, another hue is not."""

import numpy as np
from numpy.typing import NDArray

from vision.measures.colour import residual_under_light

SIDE_PX = 48
INK = np.ones((SIDE_PX, SIDE_PX), np.float32)
VALID = np.ones((1, SIDE_PX, SIDE_PX), np.bool_)


def patches() -> NDArray[np.uint8]:
    """Four flat colours of middle tone."""
    picture = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    half = SIDE_PX // 2
    picture[:half, :half], picture[:half, half:] = (150, 90, 60), (80, 130, 90)
    picture[half:, :half], picture[half:, half:] = (90, 90, 150), (140, 140, 140)
    return picture


def lit(picture: NDArray[np.uint8], warmth: float) -> NDArray[np.uint8]:
    gains = np.exp(np.array([0.45 * warmth, 0.0, -0.55 * warmth]) / 2.2)
    return np.clip(np.round(picture * gains), 0, 255).astype(np.uint8)


def test_a_picture_differs_not_from_itself() -> None:
    residual, light = residual_under_light(patches(), patches()[None], VALID, INK)
    assert float(residual.max()) == 0
    assert (light.warmth, light.tint) == (0.0, 0.0)


def test_warm_light_is_named_and_taken_out() -> None:
    residual, light = residual_under_light(lit(patches(), 0.5), patches()[None], VALID, INK)
    assert abs(light.warmth - 0.5) <= 0.1
    assert float(residual.mean()) < 0.03


def test_another_hue_is_no_light() -> None:
    turned = np.ascontiguousarray(patches()[..., ::-1])
    residual, _ = residual_under_light(turned, patches()[None], VALID, INK)
    assert float(residual.mean()) > 0.2


def test_the_nearest_coloured_reference_counts() -> None:
    turned = np.ascontiguousarray(patches()[..., ::-1])
    both = np.stack([turned, patches()])
    residual, _ = residual_under_light(patches(), both, np.concatenate([VALID, VALID]), INK)
    assert float(residual.max()) == 0
