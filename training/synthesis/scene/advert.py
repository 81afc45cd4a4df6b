"""Advert: a picture made at a desk: a flat or graded ground, an article cut out, the mark printed, large words."""

import numpy as np
from numpy.typing import NDArray

from training.synthesis import ground
from training.synthesis.scene import lettering, overlay
from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.picture import Picture
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.staging import Size, article
from training.synthesis.scene.stand import Stand
from vision.camera.colour import to_linear
from vision.camera.conditions import Conditions

Rng = np.random.Generator
_DESK = Conditions(gloss_chance=0.0, shadow_chance=0.0, defocus_px=(0.2, 0.4), noise=(0.0, 0.003))


def advert(size: Size, cast: Cast, conditions: Conditions, rng: Rng) -> Sheet:
    """A banner: article, headline, mark and perhaps a flash."""
    imprint = cast.first(rng)
    genuine = np.zeros((64, 64, 4), np.uint8) if imprint is None else imprint.genuine
    colour = ground.choose(genuine, "label", rng)
    sheet = Sheet(_graded(size, colour, rng))
    if rng.random() < 0.7:
        sheet = _with_article(sheet, cast, rng)
    _headlines(sheet, 30 if float(colour.mean()) > 0.5 else 235, rng)
    if imprint is not None:
        side = int(float(np.exp(rng.uniform(np.log(0.1), np.log(0.6)))) * min(size))
        x, y = (int(rng.uniform(0.02, most) * (room - side)) for most, room in zip((0.95, 0.6), size, strict=True))
        sheet.stamp(imprint, x, y, side)
    if rng.random() < 0.5:
        overlay.flash(sheet, rng)
    return sheet


def _graded(size: Size, colour: NDArray[np.float32], rng: Rng) -> NDArray[np.uint8]:
    ramp = np.linspace(0.0, 1.0, size[1], dtype=np.float32)[:, None, None] * np.float32(rng.uniform(-0.3, 0.3))
    whole = np.broadcast_to(colour * (1.0 + ramp), (size[1], size[0], 3))
    return np.asarray(np.clip(whole * 255.0, 0, 255), np.uint8)


def _with_article(sheet: Sheet, cast: Cast, rng: Rng) -> Sheet:
    """The sheet with goods of a studio photograph pasted in."""
    picture = Picture(to_linear(sheet.photo), 2.0 * sheet.size[0])
    side = float(rng.uniform(0.3, 0.75)) * min(sheet.size)
    x, y = (float(v) for v in rng.uniform(0.3, 0.8, 2) * np.array(sheet.size))
    stand = Stand(x, y, side, float(rng.normal(0, 8)), float(rng.normal(0, 12)))
    picture.lay(article(cast.next(rng), cast, side, rng), stand, rng)
    return picture.develop(_DESK, rng)


def _headlines(sheet: Sheet, level: int, rng: Rng) -> None:
    width, height = sheet.size
    for _ in range(int(rng.integers(1, 4))):
        cover = lettering.written(lettering.phrase(rng), float(rng.choice([0.04, 0.06, 0.1])) * height, rng)
        x, y = int(rng.uniform(0.02, 0.5) * width), int(rng.uniform(0.05, 0.95) * height)
        sheet.lay((level, level, level), cover, x, y)
