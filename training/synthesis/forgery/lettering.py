"""`lettering`: letters of a row dropped, mirrored, swapped or drawn in a foreign typeface."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis import typeface
from training.synthesis.forgery.mark import PIECE, Mark, NotApplicable, Part
from training.synthesis.forgery.surgery import Cutting, cut, erase_part, move, set_in, similarity

_LEAST_ROW = 3  # letter-like parts side by side
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYZabdeghknqrst"
_ALIKE = 0.13  # share of a letter's box that a mirrored or other letter must change


def lettering(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """As many letters falsified as the severity says."""
    row = _row(mark, rng)
    layers = mark.layers
    chosen = list(rng.permutation(len(row))[: min(severity, len(row) - 1)])
    for place in chosen:
        layers = _falsified(mark, layers, row, int(place), rng)
    return layers


def _falsified(
    mark: Mark, layers: NDArray[np.float32], row: Sequence[Part], place: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    letter, way = row[place], rng.random()
    without = erase_part(mark, layers, letter)
    if way < 0.2:
        return without
    if way < 0.4 and _changes(letter.body, letter.body[:, ::-1]):
        return set_in(without, move(cut(mark, letter), similarity(_middle(letter), scale=(-1.0, 1.0))))
    if way < 0.6:
        other = row[(place + 1 + int(rng.integers(len(row) - 1))) % len(row)]
        if _changes(letter.own, _stretched(other.own, letter.own.shape)):
            return set_in(without, _put_in_place(mark, other, letter))
    return set_in(without, _drawn(mark, letter, rng))


def _middle(part: Part) -> tuple[float, float]:
    return (part.box[0] + part.box[2] - 1) / 2, (part.box[1] + part.box[3] - 1) / 2


def _changes(letter: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    return bool((letter != other).mean() > _ALIKE)


def _stretched(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return cv2.resize(mask.astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST).astype(bool)


def _put_in_place(mark: Mark, other: Part, letter: Part) -> Cutting:
    """Another letter of the row on this letter's place, at its height and not much wider than it."""
    scale = letter.height_px / other.height_px
    narrowed = min(scale, 1.15 * letter.width_px / other.width_px)
    (x, y), (other_x, other_y) = _middle(letter), _middle(other)
    return move(cut(mark, other), similarity(_middle(other), (x - other_x, y - other_y), scale=(narrowed, scale)))


def _drawn(mark: Mark, letter: Part, rng: np.random.Generator) -> Cutting:
    """A letter of a carried typeface in this letter's box and colour, unlike the one it replaces."""
    faces = typeface.carried()
    for _ in range(8):
        face = faces[int(rng.integers(len(faces)))]
        glyph = face.draw(str(rng.choice(list(_LETTERS))), max(12, 2 * letter.height_px))
        cover = cv2.resize(glyph, (letter.width_px, letter.height_px), interpolation=cv2.INTER_AREA)
        if _changes(letter.own, cover > 127):
            return _inked(mark, letter, np.asarray(cover / 255, dtype=np.float32))
    raise NotApplicable("no carried letter differs enough")


def _inked(mark: Mark, letter: Part, cover: NDArray[np.float32]) -> Cutting:
    size = mark.size_px
    weight = np.zeros((size, size), np.float32)
    weight[letter.window] = cover
    colour = np.median(mark.layers[letter.window][letter.own], axis=0).astype(np.float32)
    return Cutting(np.broadcast_to(colour, (size, size, 4)).copy(), weight, floats=False)


# --- finding letters ----------------------------------------------------------------------------


def _row(mark: Mark, rng: np.random.Generator) -> list[Part]:
    """A row of letter-like parts, the more and higher its letters the likelier. NotApplicable without one."""
    rows = _rows(mark)
    if not rows:
        raise NotApplicable("no row of letter-like parts")
    weight = np.array([sum(part.area_px for part in row) * len(row) for row in rows], np.float64)
    return rows[int(rng.choice(len(rows), p=weight / weight.sum()))]


def _rows(mark: Mark) -> list[list[Part]]:
    labels = {part.label for part in mark.parts}
    rows: list[list[Part]] = []
    for label in sorted(labels):
        letters = [part for part in mark.parts if part.label == label and _is_letter_like(part, mark)]
        rows += _chains(sorted(_outermost(letters), key=lambda part: part.box[0]))
    return rows


def _is_letter_like(part: Part, mark: Mark) -> bool:
    x0, y0, x1, y1 = part.box
    fits = 0.02 * mark.size_px < y1 - y0 < 0.5 * mark.size_px and x1 - x0 < 0.35 * mark.size_px
    slim = 0.1 < (x1 - x0) / (y1 - y0) < 2.2
    filled = part.own.mean()
    return bool(fits and slim and (filled < 0.86 or (x1 - x0) < 0.4 * (y1 - y0)) and part.label >= PIECE)


def _outermost(parts: Sequence[Part]) -> list[Part]:
    """Parts that lie in no other's box: the counter of an O is no letter."""
    return [part for part in parts if not any(_within(part, other) for other in parts if other is not part)]


def _within(part: Part, other: Part) -> bool:
    inner, outer = part.box, other.box
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _chains(letters: Sequence[Part]) -> list[list[Part]]:
    """Rows of neighbours, left to right; a row has at least three."""
    rows: list[list[Part]] = []
    for letter in letters:
        row = next((row for row in rows if _follows(letter, row[-1])), None)
        if row is None:
            rows.append([letter])
        else:
            row.append(letter)
    return [row for row in rows if len(row) >= _LEAST_ROW]


def _follows(letter: Part, last: Part) -> bool:
    """Beside the last letter, about as high, on about the same line."""
    height = max(letter.height_px, last.height_px)
    alike = min(letter.height_px, last.height_px) > 0.62 * height
    level = abs(letter.box[3] - last.box[3]) < 0.3 * height or abs(letter.centre[1] - last.centre[1]) < 0.2 * height
    gap = letter.box[0] - last.box[2]
    return alike and level and -0.25 * height < gap < 1.1 * height
