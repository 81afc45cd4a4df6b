"""Forgeries of the drawing as a whole: `aspect`, `warped`, `mirrored`."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery.mark import Mark, NotApplicable, Part
from training.synthesis.forgery.surgery import cut, erase_part, move, set_in, similarity

SQUEEZE = {1: 0.06, 2: 0.12, 3: 0.20}  # by severity: what one axis loses, less one
_WARP_SHARE = {1: 0.012, 2: 0.021, 3: 0.034}  # of the mark's longer side: largest displacement
_SEEN, _LEAST_CORE = 0.12, 0.006  # a channel's difference, and the share of the mark that must differ beyond rims
_ALIKE = 0.10  # mean difference of a part to its mirror image below which it counts as symmetric


def aspect(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Squeezed along x or y about its middle; what is squeezed along one axis looks stretched along the other."""
    factor = 1 / (1 + SQUEEZE[severity] * rng.uniform(0.95, 1.1))
    scale = (factor, 1.0) if rng.random() < 0.5 else (1.0, factor)
    return _affine(mark.layers, similarity(_middle(mark), scale=scale))


def warped(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A smooth displacement that no affine map explains, so that a pose cannot either."""
    size = mark.size_px
    x0, y0, x1, y1 = _bounds(mark)
    reach = _WARP_SHARE[severity] * max(x1 - x0, y1 - y0) * rng.uniform(0.9, 1.15)
    field = np.stack([_waves((y1 - y0, x1 - x0), rng) for _ in range(2)], axis=2)  # [h, w, 2]
    field *= reach / max(float(np.abs(field).max()), 1e-6)
    whole = cv2.copyMakeBorder(field, y0, size - y1, x0, size - x1, cv2.BORDER_REPLICATE)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    warped_layers = cv2.remap(mark.layers, columns + whole[..., 0], rows + whole[..., 1], cv2.INTER_CUBIC)
    return np.clip(warped_layers, 0, 1)


def mirrored(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """The whole mark turned over at severity 3; an inner part, larger at 2 than at 1, below."""
    if severity == 3:
        scale = (-1.0, 1.0) if rng.random() < 0.75 else (1.0, -1.0)
        return _turned_over(mark, scale)
    part = _lopsided_part(mark, severity, rng)
    cutting = cut(mark, part)
    middle = ((part.box[0] + part.box[2] - 1) / 2, (part.box[1] + part.box[3] - 1) / 2)
    horizontally = _lopsidedness(mark, part, axis=1) >= _lopsidedness(mark, part, axis=0) * 0.5
    turned = move(cutting, similarity(middle, scale=(-1.0, 1.0) if horizontally else (1.0, -1.0)))
    return set_in(erase_part(mark, mark.layers, part), turned)


def _turned_over(mark: Mark, scale: tuple[float, float]) -> NDArray[np.float32]:
    """The whole mark mirrored. NotApplicable where it is its own mirror image up to a pixel's rim."""
    turned = _affine(mark.layers, similarity(_middle(mark), scale=scale))
    differs = (np.abs(turned - mark.layers).max(2) > _SEEN).astype(np.uint8)
    if cv2.erode(differs, np.ones((3, 3), np.uint8)).sum() < _LEAST_CORE * mark.area_px:
        raise NotApplicable("the mark is its own mirror image")
    return turned


def _affine(layers: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.clip(cv2.warpAffine(layers, matrix, layers.shape[1::-1], flags=cv2.INTER_CUBIC), 0, 1)


def _bounds(mark: Mark) -> tuple[int, int, int, int]:
    seen = mark.layers[..., 3] > 0.05
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _middle(mark: Mark) -> tuple[float, float]:
    x0, y0, x1, y1 = _bounds(mark)
    return (x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2


def _waves(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise of a few waves across, its best affine fit taken out. [h, w]"""
    height, width = shape
    across, down = _knots(width, height)
    knots = rng.normal(size=(down, across)).astype(np.float32)
    waves = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    plane = np.stack([np.ones(waves.size), columns.ravel(), rows.ravel()], axis=1)  # [h * w, 3]
    sparse = slice(None, None, 23)
    fit = np.linalg.lstsq(plane[sparse], waves.ravel()[sparse], rcond=None)[0]
    return np.asarray(waves - (plane @ fit).reshape(waves.shape), dtype=np.float32)


def _knots(width_px: int, height_px: int) -> tuple[int, int]:
    """Knots across and down: five along the longer side, at least three along the shorter."""
    longer = max(width_px, height_px)
    return max(3, round(5 * width_px / longer)), max(3, round(5 * height_px / longer))


def _lopsided_part(mark: Mark, severity: int, rng: np.random.Generator) -> Part:
    low, high = (0.01, 0.15) if severity == 1 else (0.05, 0.6)
    fitting = [part for part in mark.parts if low * mark.area_px <= part.area_px <= high * mark.area_px]
    if not fitting:
        raise NotApplicable("no inner part of a size to be mirrored")
    weight = np.array([mark.prominence(part) for part in fitting])
    for place in rng.choice(len(fitting), min(14, len(fitting)), replace=False, p=weight / weight.sum()):
        part = fitting[int(place)]
        if max(_lopsidedness(mark, part, axis) for axis in (0, 1)) > _ALIKE:
            return part
    raise NotApplicable("no inner part that differs from its mirror image")


def _lopsidedness(mark: Mark, part: Part, axis: int) -> float:
    """Mean difference 0..1 of the part to its mirror image along an axis (1 = left for right)."""
    cropped = mark.layers[part.window] * part.body[..., None]
    return float(np.abs(cropped - np.flip(cropped, axis)).mean())
