"""Closeup: one mark large, as in a detail photograph; often a part of it lies beyond the frame."""

import numpy as np

from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import Size, canvas_px, ground_kind
from training.synthesis.scene.stand import Stand
from training.synthesis.scene.thing import GOODS, goods
from vision.camera.conditions import Conditions

Rng = np.random.Generator


def closeup(size: Size, cast: Cast, conditions: Conditions, rng: Rng) -> Sheet:
    """One article that fills most of the frame."""
    picture = Picture.before(ground_kind(conditions, rng), size, rng)
    side = float(rng.uniform(0.7, 1.5)) * min(size)
    wander = 0.5 if rng.random() < 0.4 else 0.2
    x, y = (float(v) for v in (0.5 + rng.uniform(-wander, wander, 2)) * np.array(size))
    yaw, pitch = (float(rng.uniform(-limit, limit)) for limit in (conditions.max_yaw_deg, conditions.max_pitch_deg))
    stand = Stand(x, y, side, float(rng.normal(0, conditions.max_roll_deg)), yaw, pitch)
    thing = goods(cast.first(rng), str(rng.choice(GOODS)), cast.finish(rng), canvas_px(side), rng)
    picture.lay(thing, stand, rng)
    return picture.develop(conditions, rng)
