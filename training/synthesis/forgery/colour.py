"""`hue`: the wrong ink, over the whole mark or in one of its colours."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery.mark import TRANSPARENT, Mark, NotApplicable

_TURN_DEG = {1: (18.0, 26.0), 2: (32.0, 48.0), 3: (70.0, 150.0)}
_TINT_CHROMA = {1: (15.0, 21.0), 2: (26.0, 36.0), 3: (45.0, 65.0)}  # Lab chroma given to a grey ink
_GREY_CHROMA = 14.0  # below it turning the hue shows nothing
_LEAST_SHARE = 0.06  # of the mark, that a recoloured region must have


def hue(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """All colours turned about the grey axis by one angle, or one region turned or tinted alone."""
    alpha = np.maximum(mark.layers[..., 3:], 1e-3)
    colour = np.clip(mark.layers[..., :3] / alpha, 0, 1)
    lab = np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2LAB), dtype=np.float32)
    weight = _region(mark, rng)
    chroma = float(np.median(np.hypot(lab[..., 1], lab[..., 2])[weight > 0.5]))
    change = _turned if chroma > _GREY_CHROMA else _tinted
    shifted = cv2.cvtColor(change(lab, severity, rng), cv2.COLOR_LAB2RGB)
    mixed = colour + (np.clip(shifted, 0, 1) - colour) * weight[..., None]
    return np.concatenate([mixed * mark.layers[..., 3:], mark.layers[..., 3:]], axis=2)


def _region(mark: Mark, rng: np.random.Generator) -> NDArray[np.float32]:
    """Soft weight [S, S] of what is recoloured: everything, or one colour of some size."""
    areas = np.bincount(mark.labels.ravel(), minlength=len(mark.palette) + 1)
    large = [label for label in range(1, len(areas)) if areas[label] >= _LEAST_SHARE * mark.area_px]
    if not large:
        raise NotApplicable("no colour region of some size")
    if len(large) == 1 or rng.random() < 0.4:
        return np.ones(mark.labels.shape, np.float32)
    chosen = mark.of_label(int(rng.choice(large)))
    # Transparent neighbours count with the region, so that its blended rim changes with it.
    near = cv2.blur(chosen.astype(np.float32), (5, 5))
    soft = cv2.GaussianBlur(chosen.astype(np.float32), (0, 0), 0.8)
    rim = (mark.labels == TRANSPARENT) & (near > 0)
    return np.where(rim, 1.0, soft).astype(np.float32)


def _turned(lab: NDArray[np.float32], severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    turn = np.deg2rad(rng.uniform(*_TURN_DEG[severity]) * rng.choice([-1, 1]))
    chroma = rng.uniform(0.8, 1.1)
    a, b = lab[..., 1] * chroma, lab[..., 2] * chroma
    turned = [lab[..., 0], a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn)]
    return np.stack(turned, axis=2).astype(np.float32)


def _tinted(lab: NDArray[np.float32], severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Greys given a colour; black and white are first moved off the ends, where no colour can show."""
    chroma = rng.uniform(*_TINT_CHROMA[severity])
    angle = rng.uniform(0, 2 * np.pi)
    lightness = np.clip(lab[..., 0], 0.45 * chroma, 100 - 0.35 * chroma)
    tinted = [lightness, lab[..., 1] + chroma * np.cos(angle), lab[..., 2] + chroma * np.sin(angle)]
    return np.stack(tinted, axis=2).astype(np.float32)
