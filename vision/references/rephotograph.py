"""Rephotograph: what a brand's reference might look like as a seller takes it, by the camera model."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from vision.camera import PRESETS, photograph
from vision.camera.pose import Box
from vision.geometry.features import project
from vision.photo import Photo
from vision.template import Template

CONDITIONS = ("mild", "hard")  # of vision.camera; drawn for each photograph, so that any one stands for all
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
LEAST_SIDE = 0.05  # of the photo; a smaller mark is not believed


def rephotographs(reference: Photo, mark: Box, count: int, seed: int, long_side_px: int = 512) -> Iterator[Photo]:
    """`count` photographs of a reference as a flat print, framed by its mark; the same for the same seed and bytes."""
    opaque = np.full((*reference.pixels.shape[:2], 1), 255, np.uint8)
    canvas = np.concatenate([reference.pixels, opaque], axis=2)
    chance = np.random.default_rng([seed, int(reference.sha256[:16], 16)])
    for number, rng in enumerate(chance.spawn(count)):
        conditions = PRESETS[str(rng.choice(CONDITIONS))]
        shot = photograph(canvas, conditions, rng, long_side_px, mark)
        yield Photo(shot.photo, f"{reference.sha256}/{seed}.{number}", "jpeg")


def mark_in(reference_id: str, templates: Sequence[Template]) -> Box:
    """Where a reference shows its mark, as its template knows; the whole photo where none does."""
    for template in templates:
        if reference_id in template.reference_ids:
            return _placed(template, template.reference_ids.index(reference_id))
    return WHOLE


def _placed(template: Template, index: int) -> Box:
    x, y, w, h = cv2.boundingRect((template.mark > 0.5).astype(np.uint8))
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
    to_photo = np.asarray(np.linalg.inv(template.homographies[index]), np.float64)
    placed = np.clip(project(to_photo, corners) / template.photo_px[index], 0, 1)
    (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
    if min(right - left, bottom - top) < LEAST_SIDE:
        return WHOLE
    return float(left), float(top), float(right), float(bottom)
