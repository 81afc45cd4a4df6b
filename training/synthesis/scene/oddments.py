"""Oddments: things without a mark that lie about in photographs and look like something."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import material
from training.synthesis.scene import lettering, packaging
from training.synthesis.scene.thing import GOODS, Thing, finished, goods, ink, rounded
from vision.camera.backdrop import tone
from vision.camera.colour import to_srgb
from vision.camera.noise import Field

Rng = np.random.Generator
_PX = 128


def oddment(rng: Rng) -> Thing:
    """One of `ODDMENTS`, by chance."""
    return ODDMENTS[str(rng.choice(list(ODDMENTS)))](rng)


def _colour(rng: Rng, saturation: float = 1.0) -> NDArray[np.float32]:
    return to_srgb(tone(rng, 0.02, 0.9, saturation))


def _flat(width: int, height: int, colour: NDArray[np.float32]) -> NDArray[np.float32]:
    paint = np.empty((height, width, 3), np.float32)
    paint[:] = colour
    return paint


def _coin(rng: Rng) -> Thing:
    """A coin, button or lid: rings and a rim."""
    edge = material.disc(_PX, 0.95)
    shade = material.turned_metal(_PX, rng) * material.bevel(edge, 0.1, 2.0, float(rng.uniform(0, 6.3)))
    paint = np.asarray(_colour(rng, 0.4) * shade[..., None], np.float32)
    for share in rng.uniform(0.2, 0.9, int(rng.integers(0, 4))):
        cv2.circle(
            paint, (_PX // 2, _PX // 2), int(share * _PX / 2), [float(rng.uniform(0.1, 0.9))] * 3, 1, cv2.LINE_AA
        )
    if rng.random() < 0.4:  # a button's holes
        for dx, dy in ((-9, -9), (9, -9), (-9, 9), (9, 9)):
            cv2.circle(paint, (_PX // 2 + dx, _PX // 2 + dy), 5, (0.08, 0.08, 0.08), -1, cv2.LINE_AA)
    return Thing(finished(np.clip(paint, 0, 1), material.cover(edge)))


def _pen(rng: Rng) -> Thing:
    """A pen, brush or cable end."""
    width, height = _PX, int(rng.integers(8, 22))
    paint = _flat(width, height, _colour(rng))
    paint[:, : int(width * rng.uniform(0.1, 0.4))] = _colour(rng)
    round_shade = np.sin(np.linspace(0.25, np.pi - 0.15, height, dtype=np.float32))[:, None, None]
    return Thing(
        finished(np.asarray(paint * (0.35 + 0.75 * round_shade), np.float32), rounded(width, height, height // 3))
    )


def _phone(rng: Rng) -> Thing:
    """A telephone or tablet, its screen dark or lit."""
    width, height = int(_PX * 0.55), _PX
    paint = _flat(width, height, np.full(3, rng.uniform(0.02, 0.12), np.float32))
    lit = _colour(rng) if rng.random() < 0.4 else np.full(3, 0.06, np.float32)
    paint[8:-8, 4:-4] = lit
    if rng.random() < 0.5:
        for row in range(16, height - 16, 14):
            ink(
                paint,
                np.full(3, rng.uniform(0.3, 0.9), np.float32),
                lettering.written(lettering.word(rng), 6, rng),
                8,
                row,
            )
    return Thing(finished(paint, rounded(width, height, 9)))


def _page(rng: Rng) -> Thing:
    """A page, receipt or leaflet of small print."""
    width, height = int(_PX * rng.uniform(0.5, 0.9)), _PX
    paint = _flat(width, height, np.full(3, rng.uniform(0.8, 0.97), np.float32))
    grey = np.full(3, rng.uniform(0.05, 0.4), np.float32)
    row, step = 8, int(rng.integers(6, 11))
    while row < height - 8:
        cover = lettering.written(lettering.phrase(rng, 7), step * 0.6, rng)
        ink(paint, grey, cover[:, : width - 12], 6, row)
        row += step if rng.random() < 0.85 else 2 * step
    return Thing(finished(paint))


def _cloth(rng: Rng) -> Thing:
    """A piece of patterned cloth or wrapping paper: stripes, checks, dots."""
    paint = _flat(_PX, _PX, _colour(rng))
    colour, pitch = tuple(float(c) for c in _colour(rng)), int(rng.integers(10, 34))
    kind = int(rng.integers(3))
    for start in range(0, _PX, pitch):
        if kind < 2:
            cv2.rectangle(paint, (start, 0), (start + pitch // 2, _PX), colour, -1)
        if kind == 1:
            cv2.line(paint, (0, start), (_PX, start), colour, max(1, pitch // 4))
        if kind == 2:
            for other in range(0, _PX, pitch):
                cv2.circle(
                    paint, (start + (other // pitch % 2) * pitch // 2, other), pitch // 4, colour, -1, cv2.LINE_AA
                )
    return Thing(finished(np.asarray(paint * material.woven(_PX, rng)[..., None], np.float32)))


def _sticker(rng: Rng) -> Thing:
    """A price sticker or tag of paper."""
    width, height = _PX, int(_PX * rng.uniform(0.35, 0.7))
    paint = _flat(width, height, _colour(rng, 1.4) if rng.random() < 0.5 else np.full(3, 0.95, np.float32))
    dark = np.full(3, 0.05 if float(paint.mean()) > 0.4 else 0.95, np.float32)
    cover = lettering.written(lettering.price(rng), height * 0.5, rng)[:, : width - 8]
    ink(paint, dark, cover, (width - cover.shape[1]) // 2, int(height * 0.25))
    if rng.random() < 0.4:
        ink(paint, dark, lettering.barcode(width // 2, height // 6, rng), width // 4, int(height * 0.8))
    return Thing(finished(paint, rounded(width, height, int(rng.integers(0, 14)))))


def _leaf(rng: Rng) -> Thing:
    """A leaf, petal or stone: a soft outline of one colour."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radius = 0.62 + 0.2 * np.cos(angle * int(rng.integers(1, 4)) + rng.uniform(0, 6.3)) + rng.uniform(-0.05, 0.05, 24)
    points = np.stack([np.cos(angle) * radius * rng.uniform(0.4, 1.0), np.sin(angle) * radius], 1) * _PX / 2 + _PX / 2
    mask = np.zeros((_PX, _PX), np.uint8)
    cv2.fillPoly(mask, [points.astype(np.int32)], 255, cv2.LINE_AA)
    shade = material.plastic(_PX, rng) * material.bevel(
        material.outline(mask > 128), 0.3, 1.0, float(rng.uniform(0, 6.3))
    )
    return Thing(
        finished(np.asarray(_colour(rng) * shade[..., None], np.float32), mask.astype(np.float32) / np.float32(255))
    )


def _key(rng: Rng) -> Thing:
    """A key of metal."""
    mask = np.zeros((_PX // 2, _PX), np.uint8)
    cv2.circle(mask, (30, 32), 24, 255, -1, cv2.LINE_AA)
    cv2.circle(mask, (22, 32), 8, 0, -1, cv2.LINE_AA)
    cv2.rectangle(mask, (50, 26), (122, 38), 255, -1)
    for x in range(70, 120, 9):
        cv2.rectangle(mask, (x, 38), (x + 4, 38 + int(rng.integers(2, 10))), 255, -1)
    shade: Field = material.brushed(_PX, rng)[: _PX // 2]
    paint = np.asarray(np.array((0.75, 0.72, 0.65), np.float32) * rng.uniform(0.6, 1.1) * shade[..., None], np.float32)
    return Thing(finished(np.clip(paint, 0, 1), mask.astype(np.float32) / np.float32(255)))


def _blank(rng: Rng) -> Thing:
    """Goods without a mark."""
    return goods(None, str(rng.choice([g for g in GOODS if g not in ("bag", "garment")])), "printed", _PX, rng)


def _pack(rng: Rng) -> Thing:
    """A pack that bears words only."""
    return packaging.pack(None, _PX, rng)


ODDMENTS: Mapping[str, Callable[[Rng], Thing]] = MappingProxyType(
    {
        "coin": _coin,
        "pen": _pen,
        "phone": _phone,
        "page": _page,
        "cloth": _cloth,
        "sticker": _sticker,
        "leaf": _leaf,
        "key": _key,
        "blank": _blank,
        "pack": _pack,
    }
)
