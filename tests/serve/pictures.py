"""Emblems to enrol and to list: drawn, turned a little and saved as JPEG."""

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE_PX = 320


def emblem(seed: int, altered: int = 0) -> Image.Image:
    """An emblem of many small shapes, so that local features find something; `altered` redraws a third.

    Which of three thirds is its number.
    """
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), tuple(int(v) for v in rng.integers(170, 255, 3)))
    draw = ImageDraw.Draw(image)
    for index in range(60):
        x, y = rng.integers(30, SIDE_PX - 70, 2).tolist()
        w, h = rng.integers(12, 60, 2).tolist()
        colour = tuple(int(v) for v in rng.integers(0, 200, 3))
        if altered and index % 3 == altered - 1:
            x, y, w, h, colour = SIDE_PX - 40 - x, y, h, w, (colour[2], colour[0], colour[1])
        shape = (draw.rectangle, draw.ellipse)[index % 2]
        shape((x, y, x + w, y + h), fill=colour)
    return image


@lru_cache(maxsize=256)
def photo(seed: int, view: int = 0, altered: int = 0) -> bytes:
    """A photograph of an emblem: the same arguments, the same bytes."""
    angle, zoom = (view % 7 - 3) * 2.0, 1.0 + (view % 5) * 0.03
    turned = emblem(seed, altered).resize((int(SIDE_PX * zoom),) * 2, Image.Resampling.BICUBIC)
    turned = turned.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(235, 233, 228))
    return encode(turned, "JPEG")


def noise(seed: int = 0, side_px: int = 200) -> bytes:
    """A photo of nothing."""
    pixels: NDArray[np.uint8] = np.random.default_rng(seed).integers(0, 255, (side_px, side_px, 3), dtype=np.uint8)
    return encode(Image.fromarray(pixels), "PNG")


def plain(width: int, height: int) -> bytes:
    """A PNG of one colour."""
    return encode(Image.new("RGB", (width, height), (120, 130, 140)), "PNG")


def damaged() -> bytes:
    """A PNG whose picture is garbled in the middle."""
    whole = bytearray(plain(300, 300))
    start = whole.index(b"IDAT") + 8
    whole[start : start + 40] = b"\xff" * 40
    return bytes(whole)


def encode(image: Image.Image, kind: str) -> bytes:
    """An image as a file."""
    out = io.BytesIO()
    image.save(out, kind, quality=90)
    return out.getvalue()
