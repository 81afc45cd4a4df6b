"""Light: irradiance over the frame, shadows cast into it, highlights on what is glossy."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera.conditions import Conditions
from vision.camera.noise import Field, coordinates, octaves, smoothstep
from vision.camera.surface import Surface

Rng = np.random.Generator
Light = NDArray[np.float32]  # [H, W, 3] linear


def lay_on(surface: Surface, ground: Light, rng: Rng) -> Light:
    """The surface over its backdrop, with the soft contact shadow that it throws there."""
    height, width = ground.shape[:2]
    reach = float(rng.uniform(0.008, 0.03)) * width
    angle, depth = rng.uniform(0.0, 2 * np.pi), rng.uniform(0.2, 0.6)
    moved = np.array([[1.0, 0.0, reach * np.cos(angle)], [0.0, 1.0, reach * np.sin(angle)]])
    thrown = cv2.GaussianBlur(cv2.warpAffine(surface.alpha, moved, (width, height)), (0, 0), reach)
    shaded = ground * (1.0 - np.float32(depth) * thrown[..., None])
    return np.asarray(surface.light + shaded * (1.0 - surface.alpha), np.float32)


def illuminate(scene: Light, surface: Surface, conditions: Conditions, rng: Rng) -> Light:
    """The scene under one light: falling off across the frame, shadowed, glinting where the object is glossy."""
    height, width = scene.shape[:2]
    angle = rng.uniform(0.0, 2 * np.pi)
    gradient, vignette = rng.uniform(*conditions.light_gradient), rng.uniform(*conditions.vignette)
    field = _falloff(height, width, angle, gradient, vignette)
    if surface.bend is not None:
        field = field * _lambert(surface, rng)
    if rng.random() < conditions.shadow_chance:
        field = field * (1.0 - np.float32(rng.uniform(*conditions.shadow_depth)) * _cast_shadow(height, width, rng))
    lit = scene * field[..., None]
    if rng.random() < conditions.gloss_chance:
        peak = np.float32(rng.uniform(*conditions.gloss))
        lit += (peak * _highlight(height, width, rng))[..., None] * surface.alpha
    return np.asarray(lit, np.float32)


def _falloff(height: int, width: int, angle: float, gradient: float, vignette: float) -> Field:
    """A slope towards the lamp and the lens's own darkening of corners."""
    y, x = coordinates(height, width)
    slope = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
    return np.asarray(
        1.0 + np.float32(0.5 * gradient) * slope - np.float32(0.5 * vignette) * (x * x + y * y), np.float32
    )


def _lambert(surface: Surface, rng: Rng) -> Field:
    """Shading of a bent surface, relative to its middle; flat surroundings keep 1."""
    assert surface.bend is not None
    lamp = rng.uniform(-0.5, 0.5)
    shade = np.cos(surface.bend - np.float32(lamp)) / np.float32(np.cos(lamp))
    alpha = surface.alpha[..., 0]
    return np.asarray(1.0 + alpha * (np.clip(shade, 0.15, 1.6) - 1.0), np.float32)


def _cast_shadow(height: int, width: int, rng: Rng) -> Field:
    """0 in light, 1 in shadow: an edge, a bar or the blot of a hand, with its penumbra."""
    y, x = coordinates(height, width)
    angle = rng.uniform(0.0, 2 * np.pi)
    across = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
    sharpness, offset = np.float32(1.0 / rng.uniform(0.02, 0.35)), np.float32(rng.uniform(-0.6, 0.6))
    form = rng.choice(["edge", "bar", "blot"])
    if form == "edge":
        return smoothstep((across - offset) * sharpness)
    if form == "bar":
        half = np.float32(rng.uniform(0.08, 0.35))
        return smoothstep((half - np.abs(across - offset)) * sharpness)
    return smoothstep((octaves(height, width, 1.5, 2, rng) - 0.3) * sharpness * 0.3)


def _highlight(height: int, width: int, rng: Rng) -> Field:
    """A glint: the lamp's or window's reflection, round, long or with straight edges, of peak 1."""
    y, x = coordinates(height, width)
    angle = rng.uniform(0.0, np.pi)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    cx, cy = (np.float32(v) for v in rng.uniform(-0.6, 0.6, 2))
    along, across = cos * (x - cx) + sin * (y - cy), cos * (y - cy) - sin * (x - cx)
    if rng.random() < 0.3:
        return _window(along, across, rng)
    long, short = np.float32(rng.uniform(0.15, 1.2)), np.float32(rng.uniform(0.06, 0.3))
    return np.asarray(np.exp(-((along / long) ** 2) - (across / short) ** 2), np.float32)


def _window(along: Field, across: Field, rng: Rng) -> Field:
    half_long, half_short = (np.float32(v) for v in rng.uniform(0.1, 0.4, 2))
    sharp = np.float32(rng.uniform(4.0, 20.0))
    pane = smoothstep((half_long - np.abs(along)) * sharp) * smoothstep((half_short - np.abs(across)) * sharp)
    return np.asarray(np.float32(0.6) * pane, np.float32)
