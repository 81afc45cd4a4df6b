"""Colour of the camera: sRGB to linear light and back, and the cast of an illuminant."""

import numpy as np
from numpy.typing import NDArray

_STEPS = 16383
_CODES = np.arange(256) / 255.0
_TO_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_LIGHTS = np.arange(_STEPS + 1) / _STEPS
_TO_SRGB = np.where(_LIGHTS <= 0.0031308, _LIGHTS * 12.92, 1.055 * _LIGHTS ** (1 / 2.4) - 0.055).astype(np.float32)

# Linear sRGB (D65) -> CIE XYZ (IEC 61966-2-1), and XYZ -> cone responses (Bradford).
_RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_XYZ_TO_LMS = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_RGB_TO_LMS = _XYZ_TO_LMS @ _RGB_TO_XYZ


def to_linear(srgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light 0..1 of sRGB bytes, any shape."""
    return _TO_LINEAR[srgb]


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """sRGB 0..1 of linear light; what lies outside 0..1 clips, as a sensor's well does."""
    codes = np.clip(linear, 0.0, 1.0)
    return _TO_SRGB[(codes * _STEPS + 0.5).astype(np.uint16)]


def cast(temperature_k: float, tint: float, white_balance: float) -> NDArray[np.float32]:
    """The 3x3 by which linear RGB under D65 turns into RGB under this light, von Kries in cone space.

    `white_balance` is the share of the change that the camera undoes. Luminance of white is kept.
    """
    cones = _XYZ_TO_LMS @ _daylight_or_bulb_xyz(temperature_k) / (_RGB_TO_LMS @ np.ones(3))
    cones = (cones * np.array([1.0, 1.0 + tint, 1.0])) ** (1.0 - white_balance)
    matrix = np.linalg.inv(_RGB_TO_LMS) @ np.diag(cones) @ _RGB_TO_LMS
    luminance = float(_RGB_TO_XYZ[1] @ matrix @ np.ones(3))
    return np.asarray(matrix / luminance, np.float32)


def _daylight_or_bulb_xyz(temperature_k: float) -> NDArray[np.float64]:
    """White of a black body: cubic fit of the Planckian locus (Kang et al. 2002, 1667..25000 K), Y = 1."""
    t = 1000.0 / temperature_k
    if temperature_k < 4000.0:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if temperature_k < 2222.0:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif temperature_k < 4000.0:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return np.array([x / y, 1.0, (1.0 - x - y) / y])
