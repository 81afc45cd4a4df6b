"""Overlays: what sellers and sites lay over a photograph: watermarks, flashes, frames, arrows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np

from training.synthesis import names
from training.synthesis.scene import lettering
from training.synthesis.scene.sheet import Colour, Sheet
from vision.camera.noise import Field

Rng = np.random.Generator


def overlay(sheet: Sheet, rng: Rng) -> None:
    """Lay one of `OVERLAYS`, by chance."""
    OVERLAYS[str(rng.choice(list(OVERLAYS)))](sheet, rng)


def watermark(sheet: Sheet, rng: Rng) -> None:
    """A seller's name across the middle, half transparent, upright or aslant."""
    width, height = sheet.size
    cover = _turned(
        lettering.written(_seller(rng), height * rng.uniform(0.05, 0.14), rng), float(rng.choice([0, 0, 20, 35, -25]))
    )
    x, y = int((width - cover.shape[1]) * rng.uniform(0.3, 0.7)), int((height - cover.shape[0]) * rng.uniform(0.2, 0.8))
    sheet.lay(_grey(rng), cover * np.float32(rng.uniform(0.25, 0.6)), x, y)


def tiled(sheet: Sheet, rng: Rng) -> None:
    """The same words again and again over all of it, faint."""
    width, height = sheet.size
    cover = _turned(lettering.written(_seller(rng), height * rng.uniform(0.025, 0.05), rng), float(rng.uniform(15, 40)))
    strength, colour = np.float32(rng.uniform(0.15, 0.4)), _grey(rng)
    for y in range(0, height, int(cover.shape[0] * rng.uniform(1.3, 2.5)) + 1):
        for x in range(-(y % 40), width, int(cover.shape[1] * 1.3) + 1):
            sheet.lay(colour, cover * strength, x, y)


def flash(sheet: Sheet, rng: Rng) -> None:
    """A disc, star or band with a call in a corner."""
    side = int(min(sheet.size) * rng.uniform(0.14, 0.3))
    cover = _badge(side, rng)
    x, y = _corner(sheet, side, rng)
    colour: Colour = ((210, 30, 35), (245, 200, 30), (30, 130, 70), (25, 25, 28), (240, 110, 30))[rng.integers(5)]
    sheet.lay(colour, cover, x, y)
    words = lettering.written(lettering.call(rng), side * 0.3, rng)
    shrink = min(1.0, 0.8 * side / words.shape[1])
    size = max(1, round(words.shape[1] * shrink)), max(1, round(words.shape[0] * shrink))
    words = np.asarray(cv2.resize(words, size, interpolation=cv2.INTER_AREA), np.float32)
    light = (255, 255, 255) if sum(colour) < 480 else (20, 20, 20)
    sheet.lay(light, words, x + (side - size[0]) // 2, y + (side - size[1]) // 2)


def frame(sheet: Sheet, rng: Rng) -> None:
    """A coloured border, sometimes with a band of words."""
    width, height = sheet.size
    edge = max(2, int(min(width, height) * rng.uniform(0.01, 0.04)))
    cover = np.ones((height, width), np.float32)
    cover[edge:-edge, edge:-edge] = 0.0
    colour: Colour = tuple(int(c) for c in rng.integers(0, 256, 3))  # type: ignore[assignment]
    sheet.lay(colour, cover, 0, 0)
    if rng.random() < 0.5:
        band = int(height * rng.uniform(0.06, 0.12))
        top = height - edge - band if rng.random() < 0.6 else edge
        sheet.lay(colour, np.ones((band, width), np.float32), 0, top)
        words = lettering.written(lettering.phrase(rng), band * 0.55, rng)[:, : width - 2 * edge]
        light = (255, 255, 255) if sum(colour) < 380 else (15, 15, 15)
        sheet.lay(light, words, max(edge, (width - words.shape[1]) // 2), top + int(band * 0.22))


def pointer(sheet: Sheet, rng: Rng) -> None:
    """A circle or arrow drawn by hand to show a detail."""
    width, height = sheet.size
    cover = np.zeros((height, width), np.uint8)
    x, y = (int(v) for v in rng.uniform(0.2, 0.8, 2) * np.array(sheet.size))
    pen, reach = max(2, height // 120), int(min(width, height) * rng.uniform(0.08, 0.25))
    if rng.random() < 0.5:
        cv2.ellipse(cover, (x, y), (reach, int(reach * rng.uniform(0.6, 1.0))), 10, 0, 350, 255, pen, cv2.LINE_AA)
    else:
        end = x + int(rng.choice([-1, 1])) * reach, y + reach
        cv2.arrowedLine(cover, end, (x, y), 255, pen, cv2.LINE_AA, tipLength=0.3)
    colour: Colour = ((225, 25, 30), (20, 160, 50), (250, 220, 30))[rng.integers(3)]
    sheet.lay(colour, cover.astype(np.float32) / np.float32(255), 0, 0)


def stamp_date(sheet: Sheet, rng: Rng) -> None:
    """The date in a corner, as old cameras print it."""
    text = f"{int(rng.integers(2015, 2027))}/{int(rng.integers(1, 13)):02d}/{int(rng.integers(1, 29)):02d}"
    cover = lettering.written(text, sheet.size[1] * 0.035, rng)
    sheet.lay((250, 150, 40), cover, sheet.size[0] - cover.shape[1] - 8, sheet.size[1] - cover.shape[0] - 8)


OVERLAYS: Mapping[str, Callable[[Sheet, Rng], None]] = MappingProxyType(
    {"watermark": watermark, "tiled": tiled, "flash": flash, "frame": frame, "pointer": pointer, "date": stamp_date}
)


def _seller(rng: Rng) -> str:
    name = names.invent(rng)
    return str(
        rng.choice([f"{name}-shop", f"www.{name.lower()}.shop", f"@{name.lower()}_store", f"(c) {name}", "SAMPLE"])
    )


def _grey(rng: Rng) -> Colour:
    level = int(rng.choice([255, 255, 30, 128]))
    return level, level, level


def _turned(cover: Field, degrees: float) -> Field:
    """The same turned, on a canvas that holds all of it."""
    if degrees == 0:
        return cover
    height, width = cover.shape
    angle = np.radians(abs(degrees))
    across = int(width * np.cos(angle) + height * np.sin(angle)) + 2
    down = int(width * np.sin(angle) + height * np.cos(angle)) + 2
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] = matrix[:, 2] + np.array([across - width, down - height]) / 2
    return np.asarray(cv2.warpAffine(cover, matrix, (across, down)), np.float32)


def _badge(side: int, rng: Rng) -> Field:
    mask = np.zeros((side, side), np.uint8)
    middle, kind = side / 2, int(rng.integers(3))
    if kind == 0:
        cv2.circle(mask, (side // 2, side // 2), side // 2 - 1, 255, -1, cv2.LINE_AA)
    elif kind == 1:
        mask[int(side * 0.25) : int(side * 0.75)] = 255
    else:
        angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        radius = np.where(np.arange(32) % 2, 0.8, 1.0) * (middle - 1)
        points = np.stack([middle + radius * np.cos(angle), middle + radius * np.sin(angle)], 1)
        cv2.fillPoly(mask, [points.astype(np.int32)], 255, cv2.LINE_AA)
    return mask.astype(np.float32) / np.float32(255)


def _corner(sheet: Sheet, side: int, rng: Rng) -> tuple[int, int]:
    width, height = sheet.size
    gap = int(0.02 * width)
    return int(rng.choice([gap, width - side - gap])), int(rng.choice([gap, height - side - gap]))
