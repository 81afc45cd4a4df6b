"""Small photographs of fictional brands for the tests of alignment, divergence and inspection."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from training.synthesis import brand
from vision.camera import MILD, STUDIO, Conditions, photograph
from vision.photo import Photo
from vision.references import enrolment
from vision.template import Template


def photo_of(artwork: NDArray[np.uint8], seed: int, conditions: Conditions = MILD) -> Photo:
    """One photograph of artwork."""
    shot = photograph(artwork, conditions, np.random.default_rng(seed), 400)
    return Photo(shot.photo, f"{seed:064x}", "JPEG")


@cache
def artwork_of(seed: int) -> NDArray[np.uint8]:
    """A fictional brand's artwork."""
    return brand.draw(seed).artwork


@cache
def references_of(seed: int, count: int = 4) -> tuple[tuple[str, Photo], ...]:
    """Studio references of a fictional brand."""
    return tuple((f"ref-{i}", photo_of(artwork_of(seed), 100 * seed + i, STUDIO)) for i in range(count))


@cache
def template_of(seed: int, count: int = 4) -> Template:
    """The template of those references."""
    return enrolment.build(references_of(seed, count))[0]
