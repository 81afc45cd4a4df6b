"""Batches: disturbed crops of scenes, and the marks that lie in them."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.detector.config import AugmentConfig, DetectorConfig, ObjectiveConfig
from training.detector.scene_set import SceneSet
from vision.regions.detector import PAD

Rng = np.random.Generator
Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float32]  # [G, 5] x0 y0 x1 y1 px, share seen


@dataclass(frozen=True, eq=False)
class Batch:
    """`B` crops. Marks that are hardly seen are known, and neither asked for nor held against the network."""

    pixels: Tensor  # [B, 3, P, P] bytes
    boxes: tuple[Tensor, ...]  # [G, 4] px, of each crop
    asked: tuple[Tensor, ...]  # [G] bool


def held_out(scenes: SceneSet, every: int) -> NDArray[np.bool_]:
    """Which scenes `[S]` judge: whole chunks, whose brands no other has."""
    return np.asarray(scenes.chunk % every == every - 1)


def batches(scenes: SceneSet, settings: DetectorConfig, first_step: int = 0) -> Iterator[Batch]:
    """Endless batches; the batch of a step depends on the seed, the step and the scenes alone."""
    step, size = first_step, settings.scenes.batch
    while True:
        rng = np.random.default_rng([settings.seed, step])
        crops = [_crop(scenes, int(index), settings, rng) for index in _turns(len(scenes), step, size, settings.seed)]
        yield gather(crops, settings.objective)
        step += 1


def _turns(count: int, step: int, size: int, seed: int) -> NDArray[np.intp]:
    """Which scenes have their turn: all of them once before any again, in a new order each round."""
    places = np.arange(step * size, (step + 1) * size)
    rounds = {
        number: np.random.default_rng([seed, 7, number]).permutation(count)
        for number in set((places // count).tolist())
    }
    return np.array([rounds[int(place // count)][place % count] for place in places], np.intp)


def gather(crops: list[tuple[Pixels, Boxes]], objective: ObjectiveConfig) -> Batch:
    """Crops [P, P, 3] of one size with their marks."""
    pixels = torch.from_numpy(np.stack([crop for crop, _ in crops])).permute(0, 3, 1, 2)
    boxes = [torch.from_numpy(marks[:, :4].copy()) for _, marks in crops]
    return Batch(pixels, tuple(boxes), tuple(torch.from_numpy(_asked(marks, objective)) for _, marks in crops))


def _asked(marks: Boxes, objective: ObjectiveConfig) -> NDArray[np.bool_]:
    sides = np.max(marks[:, 2:4] - marks[:, :2], axis=1, initial=0.0)
    return np.asarray((marks[:, 4] >= objective.least_visible) & (sides >= objective.least_side_px))


# --- one crop -----------------------------------------------------------------------------------


def _crop(scenes: SceneSet, index: int, settings: DetectorConfig, rng: Rng) -> tuple[Pixels, Boxes]:
    augment, side = settings.augment, settings.scenes.crop_px
    pixels, marks = scenes.pixels(index), scenes.boxes[index]
    zoom = _zoom(marks, augment, rng)
    left, top = _corner(pixels.shape[:2], marks, zoom, side, augment.on_mark_share, rng)
    matrix = np.array([[zoom, 0.0, -left], [0.0, zoom, -top]])
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    if zoom < 0.8:  # warping alone would alias
        size = max(1, round(pixels.shape[1] * zoom)), max(1, round(pixels.shape[0] * zoom))
        pixels, matrix = np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8), matrix.copy()
        matrix[:, :2] = np.eye(2)
    crop = np.asarray(cv2.warpAffine(pixels, matrix, (side, side), borderValue=(PAD,) * 3), np.uint8)
    moved = _moved(marks, zoom, left, top, side)
    if rng.random() < augment.flip_share:
        crop = np.ascontiguousarray(crop[:, ::-1])
        moved[:, [0, 2]] = side - moved[:, [2, 0]]
    return _recoloured(crop, augment, rng), moved


def _zoom(marks: Boxes, augment: AugmentConfig, rng: Rng) -> float:
    """Of the scene; by chance so that one of the marks gets a size drawn evenly, for scenes hold few large ones."""
    zoom, chosen = float(np.exp(rng.uniform(*np.log(augment.zoom)))), rng.random() < augment.sized_share
    wanted_px = float(np.exp(rng.uniform(*np.log(augment.sized_px))))
    if not chosen or not len(marks):
        return zoom
    mark = marks[int(rng.integers(len(marks)))]
    side = max(float(np.max(mark[2:4] - mark[:2])), 1.0)
    return float(np.clip(wanted_px / side, augment.zoom[0], augment.most_zoom))


def _corner(
    shape: tuple[int, ...], marks: Boxes, zoom: float, side: int, on_mark_share: float, rng: Rng
) -> tuple[float, float]:
    """Upper left px of the crop in the zoomed scene; by chance so that one of the marks lies in it."""
    size = np.array([shape[1], shape[0]]) * zoom
    room = np.maximum(size - side, 0.0)
    corner = rng.uniform(0.0, 1.0, 2) * room - np.maximum(side - size, 0.0) * rng.uniform(0.0, 1.0, 2)
    wanted, place = rng.random() < on_mark_share, rng.uniform(0.15, 0.85, 2)
    if wanted and len(marks):
        mark = marks[int(rng.integers(len(marks)))]
        middle = (mark[:2] + mark[2:4]) / 2 * zoom
        corner = np.where(size > side, np.clip(middle - place * side, 0.0, room), corner)
    return float(corner[0]), float(corner[1])


def _moved(marks: Boxes, zoom: float, left: float, top: float, side: int) -> Boxes:
    """The marks in the crop: cut off by its frame, the share seen less by what is cut, those outside left out."""
    whole = marks[:, :4] * zoom - np.array([left, top, left, top])
    inside = np.clip(whole, 0.0, side)
    areas = [np.prod(np.maximum(b[:, 2:] - b[:, :2], 0.0), axis=1) for b in (inside, whole)]
    seen = marks[:, 4] * areas[0] / np.maximum(areas[1], 1e-6)
    moved = np.concatenate([inside, seen[:, None]], axis=1)
    return np.asarray(moved[areas[0] > 1.0], np.float32)


def _recoloured(crop: Pixels, augment: AugmentConfig, rng: Rng) -> Pixels:
    gains = np.exp(rng.uniform(-augment.gain, augment.gain, 3) * 0.5 + rng.uniform(-augment.gain, augment.gain) * 0.5)
    grey, level = rng.random() < augment.grey_share, rng.uniform(0.0, augment.noise) * 255
    out = crop.astype(np.float32) * gains.astype(np.float32)
    if grey:
        out = np.repeat(out.mean(axis=2, keepdims=True), 3, axis=2)
    noise = cv2.resize(
        rng.standard_normal((88, 88), dtype=np.float32), crop.shape[:2][::-1], interpolation=cv2.INTER_NEAREST
    )
    out += np.float32(level) * np.roll(noise, tuple(rng.integers(0, 88, 2)), (0, 1))[..., None]
    return np.asarray(np.clip(out, 0, 255), np.uint8)
