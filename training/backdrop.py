"""What stands behind and beneath a mark in the training photographs: grounds, and bodies of products.

Small, crude and many: they are drawn once per process and combined by chance, so that the embedder learns
to look past them. The careful products of a benchmark are another matter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PRODUCTS = (
    "emblem",
    "valve cap",
    "key ring",
    "label",
    "bag",
    "garment",
    "shoe",
    "watch",
    "packaging",
    "other",
)
BODY_PX = 64
_BODIES_PER_PRODUCT = 12

Canvas = NDArray[np.float32]
Point = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Backdrop:
    """Pictures to stand behind marks."""

    grounds: NDArray[np.uint8]  # [G, S, S, 3] RGB
    bodies: NDArray[np.uint8]  # [N, 2, 64, 64] shade (128 is plain) and cover
    body_product: NDArray[np.int64]  # [N] index into PRODUCTS


def draw(count: int, size_px: int, clutter: NDArray[np.uint8], seed: int) -> Backdrop:
    """Draw `count` grounds, a third of them cluttered with artwork `[M, A, A, 4]`, and the bodies."""
    rng = np.random.default_rng(seed)
    grounds = np.stack([_ground(rng, size_px, clutter) for _ in range(count)])
    bodies = [_body(name, rng) for name in PRODUCTS for _ in range(_BODIES_PER_PRODUCT)]
    products = np.repeat(np.arange(len(PRODUCTS)), _BODIES_PER_PRODUCT)
    return Backdrop(grounds, np.stack(bodies), products.astype(np.int64))


# --- grounds ------------------------------------------------------------------------------------


def _ground(rng: np.random.Generator, size_px: int, clutter: NDArray[np.uint8]) -> NDArray[np.uint8]:
    paint = (_clouds, _gradient, _stripes, _blocks, _plain)[int(rng.integers(5))]
    canvas = paint(rng, size_px)
    if len(clutter) and rng.random() < 0.33:
        for _ in range(int(rng.integers(1, 6))):
            _strew(canvas, clutter[int(rng.integers(len(clutter)))], rng)
    canvas += rng.normal(0, rng.uniform(0, 0.05), canvas.shape).astype(np.float32)
    return np.asarray((canvas.clip(0, 1) * 255).round(), np.uint8)


def _colour(rng: np.random.Generator) -> Canvas:
    grey, tint = rng.beta(0.8, 0.8), rng.uniform(-1, 1, 3) * rng.choice([0.04, 0.4])
    return np.asarray(np.clip(grey + tint, 0, 1), np.float32)


def _plain(rng: np.random.Generator, size_px: int) -> Canvas:
    return np.full((size_px, size_px, 3), _colour(rng), np.float32)


def _mix(rng: np.random.Generator, weight: Canvas) -> Canvas:
    """Blend two colours by `weight` [S, S]."""
    return np.asarray(_colour(rng) * weight[..., None] + _colour(rng) * (1 - weight[..., None]), np.float32)


def _clouds(rng: np.random.Generator, size_px: int) -> Canvas:
    weight = np.zeros((size_px, size_px), np.float32)
    for octave in range(1, 6):
        coarse = rng.random((2**octave + 1, 2 ** (octave + int(rng.integers(2))) + 1)).astype(np.float32)
        layer = cv2.resize(coarse, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
        weight += layer * np.float32(rng.uniform(0.4, 0.9) ** octave)
    spread = float(np.ptp(weight)) or 1.0
    return _mix(rng, ((weight - weight.min()) / spread).astype(np.float32))


def _ramp(rng: np.random.Generator, size_px: int) -> Canvas:
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : size_px * 1j, -1 : 1 : size_px * 1j].astype(np.float32)
    return np.asarray(x * np.cos(angle) + y * np.sin(angle), np.float32)


def _gradient(rng: np.random.Generator, size_px: int) -> Canvas:
    return _mix(rng, (_ramp(rng, size_px) * 0.35 + 0.5).clip(0, 1))


def _stripes(rng: np.random.Generator, size_px: int) -> Canvas:
    wave = np.sin(_ramp(rng, size_px) * rng.uniform(4, 90)) * rng.uniform(1, 6)
    if rng.random() < 0.5:  # a weave
        wave = wave * np.sin(_ramp(rng, size_px) * rng.uniform(4, 90))
    return _mix(rng, (wave * 0.5 + 0.5).clip(0, 1).astype(np.float32))


def _blocks(rng: np.random.Generator, size_px: int) -> Canvas:
    canvas = _clouds(rng, size_px)
    for _ in range(int(rng.integers(3, 14))):
        colour = [float(value) for value in _colour(rng)]
        corners = rng.integers(-size_px // 4, size_px * 5 // 4, (int(rng.integers(3, 6)), 2)).astype(np.int32)
        if rng.random() < 0.3:
            radius = int(rng.integers(3, size_px // 3))
            cv2.circle(canvas, _point(corners[0]), radius, colour, int(rng.choice([-1, 2, 5])), cv2.LINE_AA)
        else:
            cv2.fillPoly(canvas, [corners], colour, cv2.LINE_AA)
    return canvas


def _strew(canvas: Canvas, art: NDArray[np.uint8], rng: np.random.Generator) -> None:
    side = int(rng.integers(canvas.shape[0] // 6, canvas.shape[0] // 2))
    small = cv2.resize(art, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    top, left = rng.integers(0, canvas.shape[0] - side, 2)
    patch = canvas[top : top + side, left : left + side]
    patch += (small[..., :3] - patch) * small[..., 3:]


def _point(corner: NDArray[np.int32]) -> Point:
    return int(corner[0]), int(corner[1])


# --- bodies -------------------------------------------------------------------------------------


def _body(product: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Shade and cover `[2, 64, 64]` of one product, drawn large and reduced."""
    scale = 4
    shade = np.full((BODY_PX * scale, BODY_PX * scale), 128, np.uint8)
    cover = np.zeros_like(shade)
    _SHAPES[product](shade, cover, rng)
    layers = [cv2.resize(layer, (BODY_PX, BODY_PX), interpolation=cv2.INTER_AREA) for layer in (shade, cover)]
    return np.stack(layers).astype(np.uint8)


def _box(layer: NDArray[np.uint8], x: int, y: int, value: int, thickness: int = -1) -> None:
    """A rectangle of half sides x and y about the centre."""
    cv2.rectangle(layer, (128 - x, 128 - y), (128 + x, 128 + y), value, thickness, cv2.LINE_AA)


def _disc(layer: NDArray[np.uint8], radius: int, value: int, thickness: int = -1, centre: Point = (128, 128)) -> None:
    cv2.circle(layer, centre, radius, value, thickness, cv2.LINE_AA)


def _emblem(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    x, y = int(rng.integers(85, 112)), int(rng.integers(70, 112))
    shape = int(rng.integers(3))
    if shape == 0:
        cv2.ellipse(cover, (128, 128), (x, y), 0, 0, 360, 255, -1, cv2.LINE_AA)
        cv2.ellipse(shade, (128, 128), (x - 6, y - 6), 0, 0, 360, int(rng.integers(60, 220)), 6, cv2.LINE_AA)
    elif shape == 1:
        _box(cover, x, y, 255)
        _box(shade, x - 5, y - 5, int(rng.integers(60, 220)), 6)
    else:
        shield = [(128 - x, 128 - y), (128 + x, 128 - y), (128 + x, 150), (128, 128 + y + 12), (128 - x, 150)]
        cv2.fillPoly(cover, [np.array(shield, np.int32)], 255, cv2.LINE_AA)


def _valve_cap(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    radius, teeth = int(rng.integers(95, 118)), int(rng.integers(18, 40))
    _disc(cover, radius, 255)
    for angle in np.linspace(0, 2 * np.pi, teeth, endpoint=False):
        edge = (round(128 + radius * float(np.cos(angle))), round(128 + radius * float(np.sin(angle))))
        _disc(shade, 5, 40, centre=edge)
    _disc(shade, radius - 14, int(rng.integers(150, 220)), 4)


def _key_ring(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        _disc(cover, int(rng.integers(84, 96)), 255)
    else:
        _box(cover, int(rng.integers(60, 95)), int(rng.integers(80, 95)), 255)
    _disc(cover, int(rng.integers(18, 26)), 255, 8, centre=(128, 24))
    _disc(cover, 9, 0, centre=(128, 48))
    _disc(shade, 26, 210, 5, centre=(128, 24))


def _label(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    x, y = int(rng.integers(95, 120)), int(rng.integers(55, 110))
    _box(cover, x, y, 255)
    for step in range(128 - x + 8, 128 + x - 8, 12):  # stitches
        for row in (128 - y + 8, 128 + y - 8):
            cv2.line(shade, (step, row), (step + 6, row), 40, 3, cv2.LINE_AA)


def _bag(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    top, low = int(rng.integers(80, 105)), int(rng.integers(100, 124))
    corners = np.array([(128 - top, 70), (128 + top, 70), (128 + low, 246), (128 - low, 246)], np.int32)
    cv2.fillPoly(cover, [corners], 255, cv2.LINE_AA)
    cv2.ellipse(cover, (128, 72), (int(rng.integers(30, 60)), 56), 0, 180, 360, 255, 9, cv2.LINE_AA)
    cv2.line(shade, (0, 84), (255, 84), 80, 4, cv2.LINE_AA)


def _garment(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    cover[:] = 255
    rows = np.arange(256)[:, None] * rng.uniform(-0.6, 0.6) + np.arange(256)[None]
    folds = np.sin(rows * rng.uniform(0.02, 0.08)) * rng.uniform(8, 40)
    weave = np.where((np.arange(256)[:, None] // 3 + np.arange(256)[None] // 3) % 2, 9, -9)
    shade[:] = (128 + folds + weave).clip(0, 255).astype(np.uint8)


def _shoe(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    heel, toe = int(rng.integers(20, 60)), int(rng.integers(130, 170))
    outline = [(6, heel), (90, heel + 15), (150, 110), (235, toe), (252, 205), (250, 235), (6, 235)]
    cv2.fillPoly(cover, [np.array(outline, np.int32)], 255, cv2.LINE_AA)
    cv2.rectangle(shade, (0, 205), (255, 240), 220, -1)


def _watch(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    strap, radius = int(rng.integers(45, 70)), int(rng.integers(90, 108))
    _box(cover, strap, 128, 255)
    _disc(cover, radius, 255)
    _disc(shade, radius - 6, int(rng.integers(170, 250)), 8)
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        mark = (round(128 + (radius - 22) * float(np.cos(angle))), round(128 + (radius - 22) * float(np.sin(angle))))
        _disc(shade, 4, 30, centre=mark)


def _packaging(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    x, y = int(rng.integers(90, 122)), int(rng.integers(90, 122))
    _box(cover, x, y, 255)
    fold = int(rng.integers(128 - y + 10, 128 - y + 40))
    cv2.rectangle(shade, (0, 0), (255, fold), int(rng.choice([80, 180])), -1)


def _other(shade: NDArray[np.uint8], cover: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """No body: the mark lies on the ground itself."""


_SHAPES: dict[str, Callable[[NDArray[np.uint8], NDArray[np.uint8], np.random.Generator], Any]] = {
    "emblem": _emblem,
    "valve cap": _valve_cap,
    "key ring": _key_ring,
    "label": _label,
    "bag": _bag,
    "garment": _garment,
    "shoe": _shoe,
    "watch": _watch,
    "packaging": _packaging,
    "other": _other,
}
