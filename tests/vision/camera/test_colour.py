"""Linear light, sRGB and illuminants."""

import numpy as np
import pytest

from vision.camera import colour


def test_srgb_survives_the_way_to_linear_light_and_back() -> None:
    codes = np.arange(256, dtype=np.uint8)
    back = colour.to_srgb(colour.to_linear(codes)) * 255.0
    assert np.abs(back - codes)[8:].max() < 0.6


def test_full_white_balance_undoes_every_illuminant() -> None:
    for temperature_k in (1800.0, 2700.0, 6500.0, 12000.0):
        assert np.allclose(colour.cast(temperature_k, 0.05, 1.0), np.eye(3), atol=1e-5)


def test_a_bulb_is_warm_and_shade_is_cool() -> None:
    white = np.ones(3, np.float32)
    bulb, shade = colour.cast(2800.0, 0.0, 0.0) @ white, colour.cast(10000.0, 0.0, 0.0) @ white
    assert bulb[0] > bulb[1] > bulb[2]
    assert shade[0] < shade[2]


@pytest.mark.parametrize("temperature_k", [2000.0, 3000.0, 5000.0, 9000.0])
def test_a_cast_keeps_the_luminance_of_white(temperature_k: float) -> None:
    tinted = colour.cast(temperature_k, 0.03, 0.2) @ np.ones(3)
    assert float(np.array([0.2126, 0.7152, 0.0722]) @ tinted) == pytest.approx(1.0, abs=1e-4)
