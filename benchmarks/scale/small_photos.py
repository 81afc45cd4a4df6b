"""Small photographs of fictional brands, cheap to take: a mark drawn once, set on a ground as a camera would see it."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import brand as fictional

SIDE_PX = 176
_MARK_PX = 144
_LEAN = 0.07  # of the mark's side, that each of its corners strays
_QUALITY = (82, 94)  # of JPEG


def mark_of(seed: int, number: int) -> NDArray[np.uint8]:
    """A brand's mark `[S, S, 4]`: colour and how much of it covers the ground."""
    return fictional.draw(seed * 1_000_003 + number, _MARK_PX).artwork


def photos(seed: int, number: int, count: int, first: int = 0) -> Iterator[bytes]:
    """JPEGs of a brand's mark, no two alike."""
    mark = mark_of(seed, number)
    for view in range(first, first + count):
        yield photo(mark, np.random.default_rng([seed, number, view]))


def photo(mark: NDArray[np.uint8], rng: np.random.Generator) -> bytes:
    """One JPEG: leaning, lit from a side, a little noisy."""
    seen = cv2.warpPerspective(mark, _view(rng), (SIDE_PX, SIDE_PX), flags=cv2.INTER_AREA).astype(np.float32)
    cover = seen[..., 3:] / 255
    picture = seen[..., :3] * cover + rng.uniform(90, 245, 3) * (1 - cover)
    picture = picture * _light(rng)[..., None] + rng.normal(0, 3, picture.shape)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*_QUALITY))])
    return data.tobytes()


def _view(rng: np.random.Generator) -> NDArray[np.float64]:
    """Where a mark's corners come to lie, as a homography `[3, 3]`."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    size = rng.uniform(0.62, 0.9) * SIDE_PX
    turn = rng.normal(0, 0.15)
    turned = (corners - 0.5) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    centre = SIDE_PX / 2 + rng.uniform(-0.05, 0.05, 2) * SIDE_PX
    target = centre + size * (turned + rng.uniform(-_LEAN, _LEAN, (4, 2)))
    return np.asarray(cv2.getPerspectiveTransform(corners * _MARK_PX, target.astype(np.float32)), np.float64)


def _light(rng: np.random.Generator) -> NDArray[np.float32]:
    """How bright each place `[S, S]` is."""
    across = np.linspace(-1, 1, SIDE_PX, dtype=np.float32)
    x, y = rng.uniform(-0.15, 0.15, 2)
    return np.asarray(rng.uniform(0.75, 1.05) + x * across[None, :] + y * across[:, None], np.float32)
