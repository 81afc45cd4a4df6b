"""Monogram: one mark repeated over a whole surface of leather or cloth, as on bags and linings."""

import numpy as np
from numpy.typing import NDArray

from training.synthesis import ground, material
from training.synthesis.scene import staging
from training.synthesis.scene.imprint import Cast, Imprint
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import Size
from training.synthesis.scene.stand import Stand
from training.synthesis.scene.thing import Borne, Paint, Thing, finished, ink, put
from vision.camera.conditions import Conditions

Rng = np.random.Generator
_PX = 420


def monogram(size: Size, cast: Cast, conditions: Conditions, rng: Rng) -> Sheet:
    """A patterned surface that fills the frame or lies in it as a panel."""
    picture = Picture.before(staging.ground_kind(conditions, rng), size, rng)
    imprint, fills = cast.first(rng), bool(rng.random() < 0.5)
    share = rng.uniform(1.25, 1.5) * max(size) / min(size) if fills else rng.uniform(0.6, 1.0)
    side = float(share) * min(size)
    x, y = (float(v) for v in rng.uniform(0.45, 0.55, 2) * np.array(size))
    yaw, pitch = (float(rng.uniform(-most, most)) * 0.8 for most in (conditions.max_yaw_deg, conditions.max_pitch_deg))
    stand = Stand(x, y, side, float(rng.normal(0, 20)), yaw, pitch)
    picture.lay(_surface(imprint, fills, rng), stand, rng)
    if rng.random() < 0.3:
        staging.reaching_hand(picture, staging.spot([], size, rng), rng)
    return picture.develop(conditions, rng)


def _surface(imprint: Imprint | None, endless: bool, rng: Rng) -> Thing:
    """The mark in a grid of two offset lattices, between them small ornaments."""
    product = str(rng.choice(["bag", "garment"]))
    texture = material.leather(_PX, rng) if product == "bag" else material.woven(_PX, rng)
    genuine = np.zeros((64, 64, 4), np.uint8) if imprint is None else imprint.genuine
    colour = ground.choose(genuine, product, rng)
    paint = np.empty((_PX, _PX, 3), np.float32)
    paint[:] = colour
    pitch, share = _PX / float(rng.uniform(2.5, 6.5)), float(rng.uniform(0.4, 0.75))
    marks, staggered = [], bool(rng.random() < 0.7)
    for row, y in enumerate(np.arange(-pitch / 2, _PX, pitch)):
        start = pitch / 2 if staggered and row % 2 else 0.0
        for x in np.arange(start - pitch / 2, _PX, pitch):
            _ornament(paint, x + pitch * 0.5 + share * pitch / 2, y + share * pitch / 2, pitch * 0.12, colour)
            if imprint is not None:
                marks.append(Borne(imprint, product, put(paint, imprint, x, y, share * pitch)))
    shade = 1.0 + 0.8 * (texture - 1.0)
    return Thing(finished(np.asarray(paint * shade[..., None], np.float32)), tuple(marks), endless)


def _ornament(paint: Paint, x: float, y: float, radius: float, colour: NDArray[np.float32]) -> None:
    """A small lozenge between two marks."""
    side = max(3, round(2 * radius))
    line = np.abs(np.linspace(-1, 1, side, dtype=np.float32))
    cover = np.clip((1.0 - line[:, None] - line[None, :]) * side / 3, 0.0, 1.0)
    tint = np.asarray(colour + (0.25 if float(colour.mean()) < 0.5 else -0.25), np.float32)
    ink(paint, tint, np.asarray(cover, np.float32), round(x - radius), round(y - radius))
