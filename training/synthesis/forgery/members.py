"""Forgeries of single parts: `part_missing`, `part_added`, `part_moved`."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery.mark import PIECE, TRANSPARENT, Mark, NotApplicable, Part
from training.synthesis.forgery.surgery import cut, erase_part, move, set_in, similarity

_MISSING_SHARE = {1: (0.006, 0.03), 2: (0.025, 0.10), 3: (0.08, 0.30)}  # of the mark's area
_SECTOR_DEG = {1: 12.0, 2: 28.0, 3: 60.0}
_ADDED_SHARE = {1: 0.085, 2: 0.13, 3: 0.19}  # of the mark's longer side: an added part's width
_SHIFT_SHARE = {1: (0.04, 0.055), 2: (0.06, 0.085), 3: (0.09, 0.12)}  # of the mark's longer side
_TURN_DEG = {1: (10.0, 16.0), 2: (20.0, 32.0), 3: (40.0, 75.0)}
_SCALE_STEP = {1: (0.14, 0.20), 2: (0.24, 0.32), 3: (0.38, 0.5)}
_ACCENTS = np.array([(0.85, 0.1, 0.12), (0.98, 0.8, 0.1), (0.1, 0.3, 0.75), (0.05, 0.55, 0.3), (1, 1, 1), (0.05,) * 3])


# --- part_missing -------------------------------------------------------------------------------


def part_missing(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A part (several small ones where none is large enough) gone, or a sector cut from the mark."""
    low, high = (share * mark.area_px for share in _MISSING_SHARE[severity])
    small = [part for part in mark.parts if part.area_px <= high]
    large_enough = [part for part in small if part.area_px >= low]
    if large_enough and rng.random() < 0.85:
        return erase_part(mark, mark.layers, _pick(mark, large_enough, rng))
    if sum(part.area_px for part in small) >= 2 * low and rng.random() < 0.7:
        return _without_several(mark, small, low, rng)
    return _without_sector(mark, severity, rng)


def _pick(mark: Mark, parts: list[Part], rng: np.random.Generator) -> Part:
    """One of the parts, the likelier the more prominent."""
    weight = np.array([mark.prominence(part) for part in parts])
    return parts[int(rng.choice(len(parts), p=weight / weight.sum()))]


def _without_several(mark: Mark, parts: list[Part], least_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    layers, gone_px = mark.layers, 0
    for place in rng.permutation(len(parts))[:12]:
        layers = erase_part(mark, layers, parts[int(place)])
        gone_px += parts[int(place)].area_px
        if gone_px >= least_px:
            break
    return layers


def _without_sector(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A wedge from the mark's centre of mass outwards, opened to the ground."""
    rows, columns = np.nonzero(mark.labels)
    spot = int(rng.integers(len(rows)))
    angle = np.arctan2(rows[spot] - rows.mean(), columns[spot] - columns.mean())
    y, x = np.mgrid[: mark.size_px, : mark.size_px]
    off = np.angle(np.exp(1j * (np.arctan2(y - rows.mean(), x - columns.mean()) - angle)))
    wedge = np.abs(off) < np.deg2rad(_SECTOR_DEG[severity]) / 2
    keep = 1 - cv2.GaussianBlur(wedge.astype(np.float32), (0, 0), 0.7)
    return np.asarray(mark.layers * keep[..., None], dtype=np.float32)


# --- part_added ---------------------------------------------------------------------------------


def part_added(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A dot, star, stripe, ring or a copy of one of its own parts, set on the mark in a colour that shows."""
    width = _ADDED_SHARE[severity] * _longer_side(mark) * rng.uniform(0.9, 1.15)
    if rng.random() < 0.25:
        return _with_copy(mark, width, rng)
    spot = _spot(mark, width, rng)
    shape = [_dot, _star, _stripe, _ring][int(rng.integers(4))](mark.size_px, spot, width, rng)
    return _painted(mark, shape, _showing_colour(mark, shape, rng))


def _spot(mark: Mark, width: float, rng: np.random.Generator) -> tuple[float, float]:
    """A place x, y on the mark that leaves room on the square."""
    rows, columns = np.nonzero(mark.labels)
    place = int(rng.integers(len(rows)))
    low, high = width / 2 + 1, mark.size_px - width / 2 - 1
    return float(np.clip(columns[place], low, high)), float(np.clip(rows[place], low, high))


def _with_copy(mark: Mark, width: float, rng: np.random.Generator) -> NDArray[np.float32]:
    fitting = [part for part in mark.parts if 0.3 * width < max(part.width_px, part.height_px) < 2.5 * width]
    fitting = [part for part in fitting if part.label not in (TRANSPARENT, PIECE)]
    if not fitting:
        raise NotApplicable("no part small enough to copy")
    part = fitting[int(rng.integers(len(fitting)))]
    spot = _spot(mark, width, rng)
    scale = width / max(part.width_px, part.height_px)
    shift = (spot[0] - part.centre[0], spot[1] - part.centre[1])
    return set_in(mark.layers, move(cut(mark, part), similarity(part.centre, shift, scale=(scale, scale))))


def _fill(size: int, points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Anti-aliased coverage [S, S] 0..1 of a polygon of x, y in px."""
    cover = np.zeros((size, size), np.uint8)
    cv2.fillPoly(cover, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(cover / 255, dtype=np.float32)


def _around(spot: tuple[float, float], radii: NDArray[np.float64], turn: float) -> NDArray[np.float64]:
    angles = turn + np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return np.asarray(np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None] + spot, dtype=np.float64)


def _dot(size: int, spot: tuple[float, float], width: float, rng: np.random.Generator) -> NDArray[np.float32]:
    return _fill(size, _around(spot, np.full(40, width * 0.42), 0.0))


def _star(size: int, spot: tuple[float, float], width: float, rng: np.random.Generator) -> NDArray[np.float32]:
    points = int(rng.integers(4, 7))
    radii = np.tile([0.6 * width, 0.26 * width], points)
    return _fill(size, _around(spot, radii, -np.pi / 2))


def _stripe(size: int, spot: tuple[float, float], width: float, rng: np.random.Generator) -> NDArray[np.float32]:
    turn = float(rng.choice([0, np.pi / 2, np.pi / 4, rng.uniform(0, np.pi)]))
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    corners = [(1.1, 0.13), (1.1, -0.13), (-1.1, -0.13), (-1.1, 0.13)]
    return _fill(size, np.array([np.asarray(spot) + width * (a * along + b * across) for a, b in corners]))


def _ring(size: int, spot: tuple[float, float], width: float, rng: np.random.Generator) -> NDArray[np.float32]:
    outer, inner = (_fill(size, _around(spot, np.full(48, width * radius), 0.0)) for radius in (0.6, 0.38))
    return outer - inner


def _showing_colour(mark: Mark, shape: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A colour of the mark, else an accent, that stands off what lies under the shape."""
    under = mark.layers[shape > 0.5]
    ground = np.median(under, axis=0)
    on_ink = ground[3] > 0.5
    choices = [colour for colour in mark.palette if not on_ink or np.abs(colour - ground[:3]).max() > 0.3]
    if not choices or rng.random() < 0.25:
        choices = [colour for colour in _ACCENTS if np.abs(colour - ground[:3]).max() > 0.4]
    return np.asarray(choices[int(rng.integers(len(choices)))], dtype=np.float32)


def _painted(mark: Mark, cover: NDArray[np.float32], colour: NDArray[np.float32]) -> NDArray[np.float32]:
    paint = np.concatenate([colour, np.ones(1, np.float32)])
    return (mark.layers * (1 - cover[..., None]) + paint * cover[..., None]).astype(np.float32)


# --- part_moved ---------------------------------------------------------------------------------


def part_moved(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """An inner part shifted, turned or scaled, and its old place closed."""
    low = {1: 0.008, 2: 0.012, 3: 0.02}[severity] * mark.area_px
    fitting = [part for part in mark.parts if low <= part.area_px <= 0.4 * mark.area_px and not _is_frame(part, mark)]
    if not fitting:
        raise NotApplicable("no inner part that could be moved")
    part = _pick(mark, fitting, rng)
    without = erase_part(mark, mark.layers, part)
    return set_in(without, move(cut(mark, part), _displacement(mark, part, severity, rng)))


def _displacement(mark: Mark, part: Part, severity: int, rng: np.random.Generator) -> NDArray[np.float64]:
    way = rng.random()
    if way < 0.6:
        length = rng.uniform(*_SHIFT_SHARE[severity]) * _longer_side(mark)
        return similarity(part.centre, shift=_inward_shift(mark, part, length, rng))
    if way < 0.8:
        return similarity(part.centre, turn_deg=rng.uniform(*_TURN_DEG[severity]) * float(rng.choice([-1, 1])))
    factor = 1 + rng.uniform(*_SCALE_STEP[severity])
    factor = factor if rng.random() < 0.5 else 1 / factor
    return similarity(part.centre, scale=(factor, factor))


def _inward_shift(mark: Mark, part: Part, length: float, rng: np.random.Generator) -> tuple[float, float]:
    """A shift of that length, of a few tried the one that keeps most of the part on the square."""
    x0, y0, x1, y1 = part.box
    shifts = [(length * np.cos(angle), length * np.sin(angle)) for angle in rng.uniform(0, 2 * np.pi, 6)]
    off = [max(0, -x0 - dx, x1 + dx - mark.size_px) + max(0, -y0 - dy, y1 + dy - mark.size_px) for dx, dy in shifts]
    return shifts[int(np.argmin(off))]


def _is_frame(part: Part, mark: Mark) -> bool:
    """A part as wide and high as the mark is its frame, not a part inside it."""
    return min(part.width_px, part.height_px) > 0.6 * _longer_side(mark)


def _longer_side(mark: Mark) -> int:
    rows, columns = np.nonzero(mark.labels)
    return int(max(np.ptp(rows), np.ptp(columns))) + 1
