"""Small photographs for tests: a drawn mark on a ground, and ready-made additions of them."""

import io

import numpy as np
from PIL import Image, ImageDraw

from index.reference_set import Addition, Upload, admit, receive

SIDE_PX = 200


def mark(seed: int) -> Image.Image:
    """A mark of a dozen shapes; another for each seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), (235, 235, 235))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = rng.integers(30, 130, 2).tolist()
        w, h = rng.integers(12, 50, 2).tolist()
        colour = tuple(rng.integers(0, 200, 3).tolist())
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)((x, y, x + w, y + h), fill=colour)
    return image


def photo(seed: int, view: int = 0) -> bytes:
    """A JPEG of mark `seed`; each view a little turned and lit otherwise."""
    turned = mark(seed).rotate(4 * view, Image.Resampling.BICUBIC, fillcolor=(235, 235, 235))
    lit = turned.point(lambda value: int(value * (1 - 0.05 * view)))
    return encoded(lit)


def encoded(image: Image.Image, kind: str = "JPEG", quality: int = 90) -> bytes:
    """An image as bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def upload(seed: int, view: int = 0) -> Upload:
    """One view of a mark, as received."""
    return receive(f"mark{seed}-{view}.jpg", photo(seed, view))


def additions(seed: int, views: int = 1, first: int = 0) -> tuple[Addition, ...]:
    """Views of one mark, as admitted to an empty set."""
    return admit((), [upload(seed, view) for view in range(first, first + views)]).additions
