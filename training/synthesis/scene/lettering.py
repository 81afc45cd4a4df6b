"""Lettering of scenes: what shops and sellers write, in the typefaces that come inside Python packages."""

import cv2
import numpy as np

from training.synthesis import names, typeface
from vision.camera.noise import Field

Rng = np.random.Generator

_VOCABULARY = """\
new original quality cotton leather free shipping size small medium large colour black white used good condition
box pack of two fast delivery made with care bestseller limited offer details description seller rating reviews
item sold by in stock add to basket buy now home account search settings returns 30 days wash at wool sport
classic deluxe premium extra soft strong fresh natural 100% 500 ml 250 g 12 pcs
"""
_WORDS = tuple(_VOCABULARY.split())
_CALLS = ("SALE", "NEW", "-30%", "-50%", "2 for 1", "HOT", "TOP", "DEAL", "free gift", "50% off", "SOLD", "24h")


def word(rng: Rng) -> str:
    """A word that shops use, or now and then an invented one."""
    return names.invent(rng) if rng.random() < 0.15 else _WORDS[int(rng.integers(len(_WORDS)))]


def phrase(rng: Rng, most: int = 5) -> str:
    """Some words in a row."""
    said = " ".join(word(rng) for _ in range(int(rng.integers(1, most + 1))))
    return said.capitalize() if rng.random() < 0.7 else said.upper()


def price(rng: Rng) -> str:
    """An amount of money."""
    amount = f"{int(rng.integers(1, 300))}.{int(rng.choice([0, 49, 50, 90, 95, 99])):02d}"
    sign = str(rng.choice(["$", "EUR ", "GBP ", ""]))
    return sign + amount


def call(rng: Rng) -> str:
    """What a flash or sticker shouts."""
    return _CALLS[int(rng.integers(len(_CALLS)))]


def written(text: str, height_px: float, rng: Rng) -> Field:
    """Coverage [h, w] 0..1 of a line of text in one of the faces, about `height_px` high."""
    faces = typeface.carried()
    face = faces[int(rng.integers(len(faces)))]
    drawn = face.draw(text, max(8, round(height_px * 1.2)))
    scale = height_px / max(drawn.shape[0], 1)
    size = max(1, round(drawn.shape[1] * scale)), max(1, round(drawn.shape[0] * scale))
    return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255.0)


def barcode(width: int, height: int, rng: Rng) -> Field:
    """Coverage [height, width] of a barcode's bars."""
    bars = np.repeat(rng.random(max(8, width // 2)) < 0.5, 2)[:width].astype(np.float32)
    bars = np.pad(bars, (0, width - len(bars)))
    return np.ascontiguousarray(np.broadcast_to(bars, (height, width)))
