"""Shelf: a shop's boards, a row of the same packs side by side on each, price tags below."""

import numpy as np

from training.synthesis.scene import lettering, packaging, staging
from training.synthesis.scene.imprint import Cast, Imprint
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import Size, canvas_px
from training.synthesis.scene.stand import Stand
from training.synthesis.scene.thing import Thing, finished, ink
from vision.camera.backdrop import tone
from vision.camera.conditions import Conditions

Rng = np.random.Generator


def shelf(size: Size, cast: Cast, conditions: Conditions, rng: Rng) -> Sheet:
    """Two to four boards of packs, seen a little from the side."""
    picture = Picture.before("soft", size, rng)
    width, height = size
    boards = int(rng.integers(2, 5))
    pitch_px = height / (boards - float(rng.uniform(0.0, 0.6)))
    yaw = float(rng.uniform(-0.7, 0.7)) * conditions.max_yaw_deg
    board, featured = _board(rng), int(rng.integers(boards))
    for row in range(boards):
        floor = (row + 1) * pitch_px - float(rng.uniform(0.0, 0.1)) * pitch_px
        imprint = cast.first(rng) if row == featured else cast.next(rng)
        picture.lay(board, Stand(width / 2, floor + 0.05 * pitch_px, 1.5 * width, 0.0, yaw), rng)
        _row(picture, imprint, floor, pitch_px, yaw, rng)
        _tags(picture, floor + 0.06 * pitch_px, pitch_px, yaw, rng)
    if rng.random() < 0.2:
        staging.reaching_hand(picture, staging.spot([], size, rng), rng)
    return picture.develop(conditions, rng)


def _row(picture: Picture, imprint: Imprint | None, floor: float, pitch_px: float, yaw: float, rng: Rng) -> None:
    """The same pack again and again."""
    tall = float(rng.uniform(0.55, 0.88)) * pitch_px
    thing = packaging.PACKS[str(rng.choice(["box", "pouch", "bottle"]))](imprint, canvas_px(tall), rng)
    side, across = _fitted(thing, tall)
    x = float(rng.uniform(-0.5, 0.5)) * across
    while x < picture.size[0] + across / 2:
        if rng.random() > 0.07:  # else a gap: one was sold
            stand = Stand(x, floor - tall / 2, side, float(rng.normal(0, 1.2)), yaw + float(rng.normal(0, 3)))
            picture.lay(thing, stand, rng)
        x += across * float(rng.uniform(1.02, 1.12))


def _fitted(thing: Thing, tall: float) -> tuple[float, float]:
    """The longer side and the width, px, of a thing that is to be `tall` px high."""
    width, height = thing.size
    return tall * max(width, height) / height, tall * width / height


def _board(rng: Rng) -> Thing:
    paint = np.empty((14, 300, 3), np.float32)
    paint[:] = float(rng.uniform(0.35, 0.95)) * np.array([1.0, rng.uniform(0.85, 1.0), rng.uniform(0.7, 1.0)])
    paint[:3] *= 1.1
    return Thing(finished(np.clip(paint, 0, 1)))


def _tags(picture: Picture, y: float, pitch_px: float, yaw: float, rng: Rng) -> None:
    side = 0.2 * pitch_px
    paint = np.empty((24, 40, 3), np.float32)
    paint[:] = (0.96, 0.96, 0.94) if rng.random() < 0.6 else tone(rng, 0.5, 0.9, 1.4)
    ink(paint, np.full(3, 0.08, np.float32), lettering.written(lettering.price(rng), 11, rng)[:, :36], 2, 7)
    tag, x = Thing(finished(paint)), float(rng.uniform(0, side))
    while x < picture.size[0]:
        picture.lay(tag, Stand(x, y, side, 0.0, yaw), rng)
        x += side * float(rng.uniform(1.5, 4.0))
