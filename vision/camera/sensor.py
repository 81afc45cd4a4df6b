"""Lens, sensor and file: blur, white balance, exposure, noise, tone, lost resolution, JPEG."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.colour import cast, to_srgb
from vision.camera.conditions import Conditions

Rng = np.random.Generator
Light = NDArray[np.float32]  # [H, W, 3] linear
Bytes = NDArray[np.uint8]  # [H, W, 3] sRGB
_REFERENCE_PX = 512  # the frame size at which blur lengths are stated


def expose(light: Light, conditions: Conditions, rng: Rng) -> Light:
    """The light after illuminant, white balance and exposure, still linear."""
    temperature_k = 1.0 / rng.uniform(1.0 / conditions.temperature_k[1], 1.0 / conditions.temperature_k[0])
    tint = rng.uniform(-conditions.max_tint, conditions.max_tint)
    matrix = cast(temperature_k, tint, rng.uniform(*conditions.white_balance))
    gain = np.float32(2.0 ** rng.uniform(*conditions.exposure_ev))
    return np.asarray(cv2.transform(light, matrix * gain), np.float32)


def blur(light: Light, conditions: Conditions, rng: Rng) -> Light:
    """The light after defocus and, by chance, a straight smear of the hand."""
    scale = max(light.shape[:2]) / _REFERENCE_PX
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), rng.uniform(*conditions.defocus_px) * scale), np.float32)
    length, angle = rng.uniform(*conditions.motion_px) * scale, rng.uniform(0.0, np.pi)
    if rng.random() >= conditions.motion_chance:
        return soft
    return np.asarray(cv2.filter2D(soft, -1, _smear(length, angle), borderType=cv2.BORDER_REFLECT), np.float32)


def _smear(length: float, angle: float) -> NDArray[np.float32]:
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for step in np.linspace(-length / 2, length / 2, 4 * half + 1):
        kernel[round(half + step * np.sin(angle)), round(half + step * np.cos(angle))] += 1.0
    return np.asarray(kernel / kernel.sum(), np.float32)


def sense(light: Light, conditions: Conditions, rng: Rng) -> Bytes:
    """sRGB bytes of the light, with noise that grows in the dark, a tone curve, perhaps without colour."""
    picture = to_srgb(light)
    if rng.random() < conditions.monochrome_chance:
        picture = np.repeat((picture @ np.array([0.299, 0.587, 0.114], np.float32))[..., None], 3, axis=2)
        return _quantise(_toned(picture + _grain(picture, conditions, rng), conditions, rng))
    picture = picture + _grain(picture, conditions, rng) + _chroma_grain(picture, conditions, rng)
    return _quantise(_toned(picture, conditions, rng))


def _grain(picture: Light, conditions: Conditions, rng: Rng) -> Light:
    """Luminance noise [H, W, 1]: in coded values a photon's noise is about flat, dark ones a little noisier."""
    level = np.float32(rng.uniform(*conditions.noise))
    grain = rng.standard_normal(picture.shape[:2], dtype=np.float32)
    return (level * grain * (1.3 - 0.6 * picture[..., 1]))[..., None]


def _chroma_grain(picture: Light, conditions: Conditions, rng: Rng) -> Light:
    """Coloured blotches [H, W, 3] of a few pixels, as a phone's demosaicing and denoising leave them."""
    height, width = picture.shape[:2]
    level = np.float32(rng.uniform(*conditions.chroma_noise))
    coarse = rng.standard_normal((max(2, height // 3), max(2, width // 3), 3), dtype=np.float32)
    coarse -= coarse.mean(axis=2, keepdims=True)
    return level * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)


def _toned(picture: Light, conditions: Conditions, rng: Rng) -> Light:
    gamma = np.float32(rng.uniform(*conditions.gamma))
    return np.asarray(cv2.pow(np.clip(picture, 0.0, 1.0), float(gamma)), np.float32)


def _quantise(picture: Light) -> Bytes:
    return np.asarray(np.clip(picture * 255.0 + 0.5, 0.0, 255.0), np.uint8)


def file(photo: Bytes, conditions: Conditions, rng: Rng) -> Bytes:
    """The photo as it comes back from an upload: perhaps downscaled, JPEG-coded once or twice."""
    height, width = photo.shape[:2]
    share = rng.uniform(*conditions.shrink)
    size = max(16, round(width * share)), max(16, round(height * share))
    shrink, again = rng.random() < conditions.shrink_chance, rng.random() < conditions.second_jpeg_chance
    first, second = (round(rng.uniform(*conditions.jpeg_quality)) for _ in range(2))
    if again:
        photo = _jpeg(photo, second)
    if shrink:
        photo = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    photo = _jpeg(photo, first)
    return np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8) if shrink else photo


def _jpeg(photo: Bytes, quality: int) -> Bytes:
    """The photo after one coding as JPEG."""
    _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
