"""Colour: how a registered mark's chroma differs from its references' beyond what light explains."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.measures.weighing import mean, worst


@dataclass(frozen=True, eq=False)
class Light:
    """A change of illuminant."""

    warmth: float  # along the line of daylight, log units; above 0 is warmer
    tint: float  # across it
    gains: NDArray[np.float32]  # [3] log gains of R, G, B


# What shops' lamps and phones' white balance leave.
LIGHTS = tuple(
    Light(float(t), g, np.array([0.45 * t, g, -0.55 * t], np.float32))
    for t in np.linspace(-0.8, 0.8, 17)
    for g in (-0.08, 0.0, 0.08)
)

# Light of a level `[256]`, 0..1.
_LINEAR: NDArray[np.float32] = np.asarray((np.arange(256).astype(np.float32) / 255) ** 2.2, np.float32)


def residual_under_light(
    photo: NDArray[np.uint8], references: NDArray[np.uint8], valid: NDArray[np.bool_], ink: NDArray[np.float32]
) -> tuple[NDArray[np.float32], Light]:
    """Chroma residual `[S, S]` of an aligned photo to its nearest-coloured reference, and the light taken out.

    The photo is `[S, S, 3]`, the references `[K, S, S, 3]` with pixels where `valid` `[K, S, S]`, the mark's
    ink `[S, S]`. Only `LIGHTS` are allowed for: a mark printed in another hue must not pass for one seen in
    another light.
    """
    seen = _log_chroma(_linear(photo))
    held = [_held(photo, seen, *pair, ink) for pair in zip(references, valid, strict=True)]
    _, residual, light = min(held, key=lambda one: one[0])
    return residual, light


def _held(
    photo: NDArray[np.uint8],
    seen: NDArray[np.float32],
    reference: NDArray[np.uint8],
    valid: NDArray[np.bool_],
    ink: NDArray[np.float32],
) -> tuple[float, NDArray[np.float32], Light]:
    """How far the photo, its log chroma `seen` `[2, S, S]`, is from one reference: cost, residual `[S, S]`, light."""
    weight = np.asarray(ink * valid, np.float32)
    plain = _linear(reference)
    light = _light_between(seen, plain, weight)
    residual = _apart(seen, _log_chroma(plain * np.exp(light.gains))) * _lit(photo, reference)
    smooth = np.asarray(cv2.GaussianBlur(residual, (0, 0), 2.5), np.float32)
    return worst(smooth, weight, 0.05) + mean(smooth, weight), smooth, light


def _light_between(seen: NDArray[np.float32], reference: NDArray[np.float32], weight: NDArray[np.float32]) -> Light:
    """The light under which the chroma of a reference `[S, S, 3]` is nearest that `seen` `[2, S, S]`.

    Nearest by the median over the mark.
    """
    where = np.flatnonzero(weight.ravel() > 0.5)
    where = where[:: max(1, len(where) // 500)]
    if len(where) == 0:
        return LIGHTS[len(LIGHTS) // 2]
    photo, plain = seen.reshape(2, 1, -1)[..., where], reference.reshape(-1, 3)[where]
    gains = np.exp(np.stack([light.gains for light in LIGHTS]))  # [L, 3]
    error = _apart(photo, _log_chroma(plain * gains[:, None]))  # [L, P]
    effort = np.array([0.03 * abs(light.warmth) + 0.3 * abs(light.tint) for light in LIGHTS])
    return LIGHTS[int(np.argmin(np.median(error, axis=1) + effort))]


def _linear(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Slightly blurred, roughly linear light 0..1."""
    return _LINEAR[np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.5), np.uint8)]


def _log_chroma(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """log R/G and log B/G `[2, ...]` of light `[..., 3]`; the floor keeps the dark, whose chroma is noise, grey."""
    mean_light = (linear[..., 0] + linear[..., 1] + linear[..., 2]) / np.float32(3)
    logs = np.log(linear / (mean_light[..., None] + np.float32(0.02)) + np.float32(0.15))
    return np.stack([logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]])


def _apart(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of log chromas `[2, ...]`."""
    across, along = a - b
    return np.asarray(np.sqrt(across * across + along * along), np.float32)


def _lit(photo: NDArray[np.uint8], reference: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Trust in chroma: none in the dark or burnt out. `[S, S]` 0..1"""
    level = np.minimum(highest(photo), highest(reference)).astype(np.float32)
    burnt = np.maximum(lowest(photo), lowest(reference)) > 246
    return np.asarray(np.clip((level - 25) / 60, 0, 1) * ~burnt, np.float32)


def highest(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The largest of R, G and B `[S, S]`; numpy's own reduction of three is tenfold slower."""
    return np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def lowest(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The least of R, G and B `[S, S]`."""
    return np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
