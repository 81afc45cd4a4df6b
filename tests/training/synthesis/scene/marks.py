"""Imprints to compose scenes of."""

import cv2
import numpy as np

from training.synthesis.scene import Cast, Imprint


def imprint(number: int = 0, listed: bool = True) -> Imprint:
    """A solid disc with a bar across, its colours telling the number."""
    rng = np.random.default_rng(number)
    pixels = np.zeros((128, 128, 4), np.uint8)
    colours = [(*(int(c) for c in rng.integers(0, 230, 3)), 255) for _ in range(2)]
    cv2.circle(pixels, (64, 64), 56, colours[0], -1, cv2.LINE_AA)
    cv2.rectangle(pixels, (30, 54), (98, 74), colours[1], -1)
    return Imprint(f"brand-{number}", pixels, pixels, listed=listed)


def cast() -> Cast:
    """One listed brand among two others."""
    return Cast(imprint(0), (imprint(1, False), imprint(2, False)))
