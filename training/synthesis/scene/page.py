"""Page: the screenshot of a shop, drawn: status line, bars, pictures, words, buttons, signs."""

import cv2
import numpy as np

from training.synthesis.scene import lettering
from training.synthesis.scene.collage import Take
from training.synthesis.scene.imprint import Cast
from training.synthesis.scene.sheet import Colour, Sheet
from training.synthesis.scene.staging import Size
from training.synthesis.scene.thing import rounded
from vision.camera.conditions import Conditions
from vision.camera.noise import Field

Rng = np.random.Generator

_ACCENTS: tuple[Colour, ...] = (
    (230, 60, 50),
    (30, 110, 220),
    (30, 150, 80),
    (245, 150, 20),
    (110, 60, 170),
    (20, 20, 24),
)


def page(size: Size, cast: Cast, conditions: Conditions, rng: Rng, takes: tuple[Take, ...]) -> Sheet:
    """A listing as a shop's application shows it: one large photograph, or a grid of small ones."""
    dark = bool(rng.random() < 0.2)
    sheet = Sheet.blank(*size, (18, 18, 20) if dark else (250, 250, 250))
    ink: Colour = (230, 230, 230) if dark else (35, 35, 38)
    accent = _ACCENTS[int(rng.integers(len(_ACCENTS)))]
    top = _bars(sheet, cast, ink, accent, rng)
    foot = int(size[1] * 0.92)
    if rng.random() < 0.6:
        top = _one_photo(sheet, (top, foot), cast, conditions, rng, takes)
        _details(sheet, (top, foot), ink, accent, rng)
    else:
        _many_photos(sheet, (top, foot), cast, conditions, ink, rng, takes)
    _signs(sheet, foot, ink, rng)
    return sheet


def _bars(sheet: Sheet, cast: Cast, ink: Colour, accent: Colour, rng: Rng) -> int:
    """Status line and header, which may hold a mark -> the row below them."""
    width, height = sheet.size
    unit = max(8, int(height * 0.035))
    clock = lettering.written(f"{int(rng.integers(0, 24))}:{int(rng.integers(0, 60)):02d}", unit * 0.6, rng)
    sheet.lay(ink, clock, 6, unit // 5)
    _battery(sheet, width - 30, unit // 5, unit, ink)
    band = int(unit * rng.uniform(1.6, 2.6))
    if rng.random() < 0.6:
        sheet.lay(accent, np.ones((band, width), np.float32), 0, unit)
    field_left = int(width * rng.uniform(0.2, 0.35))
    sheet.lay((255, 255, 255), rounded(int(width * 0.5), int(band * 0.6), band // 3), field_left, unit + band // 5)
    sheet.lay((130, 130, 130), lettering.written("search", band * 0.28, rng), field_left + 10, unit + int(band * 0.36))
    imprint = cast.next(rng) if rng.random() < 0.4 else None
    if imprint is not None:
        side = int(band * 0.9)
        sheet.lay((255, 255, 255), rounded(side + 4, side + 4, 4), 4, unit + (band - side) // 2 - 2)
        sheet.stamp(imprint, 6, unit + (band - side) // 2, side)
    return unit + band + 4


def _battery(sheet: Sheet, x: int, y: int, unit: int, ink: Colour) -> None:
    cover = np.zeros((unit // 2 + 2, 24), np.float32)
    cv2.rectangle(cover, (0, 0), (18, unit // 2), 1.0, 1)
    cv2.rectangle(cover, (2, 2), (12, unit // 2 - 2), 1.0, -1)
    sheet.lay(ink, cover, x, y)


def _one_photo(
    sheet: Sheet, rows: tuple[int, int], cast: Cast, conditions: Conditions, rng: Rng, takes: tuple[Take, ...]
) -> int:
    """The listing's photograph -> the row below it."""
    width = sheet.size[0]
    edge = int(rng.choice([0, width * 0.03]))
    down = int((rows[1] - rows[0]) * rng.uniform(0.5, 0.72))
    take = takes[int(rng.integers(len(takes)))]
    sheet.paste(take((width - 2 * edge, down), cast, conditions, rng), edge, rows[0])
    for dot in range(int(rng.integers(0, 6))):
        sheet.lay((200, 200, 200), rounded(6, 6, 3), width // 2 - 25 + 10 * dot, rows[0] + down - 12)
    return rows[0] + down + 6


def _many_photos(
    sheet: Sheet,
    rows: tuple[int, int],
    cast: Cast,
    conditions: Conditions,
    ink: Colour,
    rng: Rng,
    takes: tuple[Take, ...],
) -> None:
    """A grid of results, each with its name and price."""
    width = sheet.size[0]
    columns = 2 if width < sheet.size[1] else int(rng.integers(2, 5))
    gap = max(4, width // 60)
    across = (width - gap * (columns + 1)) // columns
    y = rows[0]
    while y + across * 0.6 < rows[1]:
        for column in range(columns):
            x = gap + column * (across + gap)
            take = takes[int(rng.integers(len(takes)))]
            sheet.paste(take((across, across), cast, conditions, rng).cut(0, 0, across, min(across, rows[1] - y)), x, y)
            text = max(5.0, across * 0.07)
            if y + across + 2.6 * text < rows[1]:
                words = lettering.written(lettering.phrase(rng, 3), text, rng)[:, :across]
                sheet.lay(ink, words, x, int(y + across + 0.4 * text))
                sheet.lay(
                    ink, lettering.written(lettering.price(rng), text * 1.1, rng), x, int(y + across + 1.7 * text)
                )
        y += int(across * 1.3) + gap


def _details(sheet: Sheet, rows: tuple[int, int], ink: Colour, accent: Colour, rng: Rng) -> None:
    """Name, price, button, description."""
    width, height = sheet.size
    y, unit = rows[0], max(7.0, height * 0.022)
    for line, size in ((lettering.phrase(rng, 4), 1.2), (lettering.price(rng), 1.5), (lettering.phrase(rng, 6), 0.8)):
        if y + 2 * unit > rows[1]:
            return
        sheet.lay(ink, lettering.written(line, size * unit, rng)[:, : width - 20], 10, int(y))
        y += int(2.1 * size * unit)
    if y + 3 * unit < rows[1]:
        sheet.lay(accent, rounded(width - 20, int(2.4 * unit), int(unit)), 10, int(y))
        words = lettering.written("Add to basket", unit, rng)
        sheet.lay((255, 255, 255), words, (width - words.shape[1]) // 2, int(y + 0.7 * unit))


def _signs(sheet: Sheet, y: int, ink: Colour, rng: Rng) -> None:
    """The row of small signs at the foot: house, glass, heart, cart, person."""
    width, height = sheet.size
    side = max(8, int((height - y) * 0.5))
    for index in range(5):
        sheet.lay(ink, _sign(index, side), int(width * (index + 0.5) / 5) - side // 2, y + (height - y - side) // 2)


def _sign(index: int, side: int) -> Field:
    mask = np.zeros((32, 32), np.uint8)
    if index == 0:
        cv2.polylines(mask, [np.array([[3, 16], [16, 3], [29, 16]], np.int32)], False, 255, 3, cv2.LINE_AA)
        cv2.rectangle(mask, (8, 15), (24, 28), 255, 3)
    elif index == 1:
        cv2.circle(mask, (13, 13), 9, 255, 3, cv2.LINE_AA)
        cv2.line(mask, (20, 20), (29, 29), 255, 4, cv2.LINE_AA)
    elif index == 2:
        for x in (11, 21):
            cv2.circle(mask, (x, 11), 6, 255, -1, cv2.LINE_AA)
        cv2.fillPoly(mask, [np.array([[5, 13], [27, 13], [16, 28]], np.int32)], 255, cv2.LINE_AA)
    elif index == 3:
        cv2.polylines(mask, [np.array([[2, 5], [8, 5], [12, 20], [26, 20], [29, 9], [9, 9]], np.int32)], False, 255, 3)
        for x in (14, 24):
            cv2.circle(mask, (x, 27), 3, 255, -1, cv2.LINE_AA)
    else:
        cv2.circle(mask, (16, 10), 6, 255, 3, cv2.LINE_AA)
        cv2.ellipse(mask, (16, 30), (12, 11), 0, 180, 360, 255, 3, cv2.LINE_AA)
    return np.asarray(cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
