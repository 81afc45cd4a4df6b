"""Ground colours: which paint, cloth or metal a mark would be put on so that it can be seen."""

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

_CLEAR = 35.0  # contrast from which a mark is easily seen

Colour = NDArray[np.float32]  # [3] sRGB 0..1

_NEUTRAL = ((245, 245, 243), (228, 228, 226), (190, 192, 195), (120, 122, 126), (58, 60, 64), (24, 25, 28))
_LEATHER = ((34, 30, 28), (92, 58, 38), (150, 98, 58), (196, 160, 118), (120, 32, 34), (40, 52, 78), (226, 218, 204))
_CLOTH = (
    *_NEUTRAL, (30, 42, 84), (150, 28, 38), (36, 92, 62), (222, 190, 60), (206, 120, 150), (96, 150, 200), (90, 76, 60)
)  # fmt: skip
_PAINT = (*_NEUTRAL, (30, 50, 110), (140, 20, 26), (20, 70, 56), (205, 190, 150))
PALETTES: Mapping[str, tuple[tuple[int, int, int], ...]] = MappingProxyType(
    {
        "emblem": _PAINT,
        "valve cap": (*_NEUTRAL, (160, 30, 34), (34, 64, 140)),
        "key ring": (*_NEUTRAL, *_LEATHER),
        "label": ((250, 249, 244), (240, 234, 218), (26, 26, 28), (205, 180, 140), (32, 44, 86), (160, 30, 40)),
        "bag": (*_LEATHER, *_NEUTRAL),
        "garment": _CLOTH,
    }
)


def choose(mark: NDArray[np.uint8], product: str, rng: np.random.Generator) -> Colour:
    """One of the product's colours, slightly varied, against which the mark's outline stands out.

    `mark` is RGBA. Draws from `rng` as often whatever the mark looks like.
    """
    palette = np.array(PALETTES[product], np.float32) / 265.0  # nothing is quite white
    order = rng.permutation(len(palette))
    jitter = rng.uniform(-0.03, 0.03, 3).astype(np.float32)
    contrast = _contrast(palette, _rim_colours(mark))
    clear = [index for index in order if contrast[index] >= _CLEAR]
    best = clear[0] if clear else int(np.argmax(contrast))
    return np.asarray(np.clip(palette[best] + jitter, 0.02, 0.98), np.float32)


def _rim_colours(mark: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Colours [n, 3] sRGB just inside the mark's outline, at most some 400."""
    solid = (mark[..., 3] > 200).astype(np.uint8)
    inner = cv2.erode(solid, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    rim = (solid > 0) & (inner == 0)
    colours = mark[..., :3][rim if rim.any() else mark[..., 3] > 0]
    return np.asarray(colours[:: max(1, len(colours) // 400)] / 255.0, np.float32)


def _contrast(palette: NDArray[np.float32], rim: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each palette colour [P, 3] is from the nearest tenth of the rim's colours, CIE Lab.

    Hue counts little: dark blue on dark red is far in Lab and hard to see.
    """
    if not len(rim):
        return np.full(len(palette), np.inf, np.float32)
    apart = (_lab(palette)[:, None] - _lab(rim)[None]) * np.array([1.0, 0.3, 0.3], np.float32)  # [P, n, 3]
    distance = np.linalg.norm(apart, axis=2)
    return np.asarray(np.quantile(distance, 0.1, axis=1), np.float32)


def _lab(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    row = np.ascontiguousarray(colours[None])
    return np.asarray(cv2.cvtColor(row, cv2.COLOR_RGB2LAB)[0], np.float32)
