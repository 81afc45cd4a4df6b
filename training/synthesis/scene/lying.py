"""Lying: goods, packs and oddments on one plane, seen from above or aslant, perhaps with a hand."""

import dataclasses

import numpy as np

from training.synthesis.scene import oddments
from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import Size, article, ground_kind, reaching_hand, spot
from training.synthesis.scene.stand import Stand
from vision.camera.conditions import Conditions

Rng = np.random.Generator


def lying(size: Size, cast: Cast, conditions: Conditions, rng: Rng) -> Sheet:
    """One to six articles among up to a dozen oddments."""
    picture = Picture.before(ground_kind(conditions, rng), size, rng)
    plane = _plane(conditions, rng)
    taken: list[tuple[float, float]] = []
    count, others = 1 + int(rng.geometric(0.45)) % 6, int(rng.choice([0, 2, 5, 12], p=[0.3, 0.3, 0.25, 0.15]))
    order = rng.permutation(np.array([True] * count + [False] * others))
    first = True
    for is_article in order:
        place = spot(taken, size, rng)
        taken.append(place)
        if is_article:
            _lay_article(picture, cast, dataclasses.replace(plane, x=place[0], y=place[1]), first, count, rng)
            first = False
        else:
            side = float(rng.uniform(0.05, 0.3)) * min(size)
            stand = dataclasses.replace(plane, x=place[0], y=place[1], side_px=side, turn=float(rng.uniform(-180, 180)))
            picture.lay(oddments.oddment(rng), stand, rng)
    if rng.random() < 0.2:
        reaching_hand(picture, taken[int(rng.integers(len(taken)))], rng)
    return picture.develop(conditions, rng)


def _plane(conditions: Conditions, rng: Rng) -> Stand:
    """The attitude of the table before the lens."""
    yaw, pitch = conditions.max_yaw_deg, conditions.max_pitch_deg
    return Stand(0.0, 0.0, 1.0, 0.0, float(rng.uniform(-yaw, yaw)) * 0.6, float(rng.uniform(-1.6 * pitch, pitch)))


def _lay_article(picture: Picture, cast: Cast, stand: Stand, first: bool, count: int, rng: Rng) -> None:
    size = picture.size
    largest = 0.95 if count == 1 else 0.65
    side = float(np.exp(rng.uniform(np.log(0.16), np.log(largest)))) * min(size)
    imprint = cast.first(rng) if first else cast.next(rng)
    loose = float(rng.uniform(-180, 180)) if rng.random() < 0.25 else float(rng.normal(0, 12))
    picture.lay(article(imprint, cast, side, rng), dataclasses.replace(stand, side_px=side, turn=loose), rng)
