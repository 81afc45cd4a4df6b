"""Held: one article in a hand, as sellers show it."""

import numpy as np

from training.synthesis.scene import hand, oddments
from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import LOOSE_GOODS, Size, article, canvas_px, ground_kind
from training.synthesis.scene.stand import Stand
from training.synthesis.scene.thing import goods
from vision.camera.conditions import Conditions

Rng = np.random.Generator


def held(size: Size, cast: Cast, conditions: Conditions, rng: Rng) -> Sheet:
    """The palm behind the article; thumb or fingertips before its edge."""
    picture = Picture.before(ground_kind(conditions, rng), size, rng)
    for _ in range(int(rng.integers(0, 4))):
        x, y = (float(v) for v in rng.uniform(0.0, 1.0, 2) * np.array(size))
        away = Stand(x, y, float(rng.uniform(0.1, 0.4)) * min(size), float(rng.uniform(-180, 180)))
        picture.lay(oddments.oddment(rng), away, rng)
    side = float(rng.uniform(0.3, 0.75)) * min(size)
    x, y = (float(v) for v in rng.uniform(0.35, 0.65, 2) * np.array(size))
    angle = float(rng.uniform(-np.pi * 0.8, -np.pi * 0.2))
    way = np.array([np.cos(angle), np.sin(angle)])
    grip = np.array([x, y]) - way * side * rng.uniform(0.25, 0.6)
    drawn = hand.draw((float(grip[0]), float(grip[1])), side * float(rng.uniform(0.45, 0.9)), angle, rng)
    hand.lay_palm(picture, drawn)
    in_front = bool(rng.random() < 0.4)
    if not in_front:
        hand.lay_fingers(picture, drawn, float(rng.uniform(0.7, 1.1)))
    _lay_held(picture, cast, Stand(x, y, side, *_attitude(conditions, rng)), rng)
    if in_front:
        hand.lay_fingers(picture, drawn, float(rng.uniform(0.15, 0.45)))
    hand.lay_thumb(picture, drawn, float(rng.uniform(0.5, 0.9)), int(rng.choice([-1, 1])))
    return picture.develop(conditions, rng)


def _attitude(conditions: Conditions, rng: Rng) -> tuple[float, float, float]:
    """Turn, yaw and pitch in degrees."""
    limits = (2.0 * conditions.max_roll_deg, conditions.max_yaw_deg, conditions.max_pitch_deg)
    turn, yaw, pitch = (float(rng.uniform(-limit, limit)) for limit in limits)
    return turn, yaw, pitch


def _lay_held(picture: Picture, cast: Cast, stand: Stand, rng: Rng) -> None:
    imprint = cast.first(rng)
    if rng.random() < 0.7:
        product = str(rng.choice(LOOSE_GOODS))
        picture.lay(goods(imprint, product, cast.finish(rng), canvas_px(stand.side_px), rng), stand, rng)
    else:
        picture.lay(article(imprint, cast, stand.side_px, rng), stand, rng)
