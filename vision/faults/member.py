"""Members: the parts of a mark, and where a photo shows them shifted, turned, scaled or turned over.

Parts are connected areas of one colour, and pieces of ink, of what the references agree to show. Each part that lies
where a photo differs is looked for in the photo as a forger may have set it in again. What the reference itself shows
there does not count, so that a part that repeats, or is its own mirror image, says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # [S, S]
Mask = NDArray[np.uint8]  # [S, S] 0 or 1
Map = NDArray[np.float64]  # [2, 2]

_COLOURS = 5
_SAMPLES = 2500  # pixels that the colours are taken of
_LEAST_PX, _MOST_SHARE, _MOST_SIDE_PX = 30, 0.45, 130  # area of a part, its share of the mark, its longer side
_AGREEING = 5  # references whose median shows the parts
_ALIKE_PX = 2  # corners of boxes no further apart are of one part
_RIM_PX = 3  # around a part, that is looked at with it
_MOST_PARTS = 6  # looked for
_HOT = 0.3  # mean of the map over a part, of the map's highest, from which it may have been altered
_HEIGHT = 0.5  # of the map's highest: what belongs to the worst place
_FLAT = 0.08  # deviation of contrast below which a part shows no form


@dataclass(frozen=True)
class _Way:
    """One thing that may have been done to a part: linear maps about its middle, and how far off it may lie."""

    maps: tuple[Map, ...]
    reach_px: int
    least_px: float = 0.0


def _turn(degrees: float) -> Map:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s], [s, c]])


_KEPT = _Way((np.eye(2),), 3)
_MOVED = {
    "shifted": _Way((np.eye(2),), 28, 5.0),
    "turned": _Way(tuple(_turn(sign * degrees) for degrees in (15, 30, 48, 68) for sign in (1, -1)), 8),
    "scaled": _Way(tuple(np.eye(2) * factor for factor in (1.2, 1.42, 1 / 1.2, 1 / 1.42)), 8),
}
_FLIPPED = _Way(  # the mark itself may lean a little either way
    tuple(_turn(lean) @ np.diag(axes) for axes in ([-1.0, 1.0], [1.0, -1.0]) for lean in (-14, -5, 5, 14)), 8
)
_WAYS = (*_MOVED, "flipped")
MEASURES = (
    *(f"part_{way}" for way in _WAYS),  # the most that speaks for it of any part, up to 1
    "part_moved",  # the first three's
    "part_rather_flipped",  # of the part that speaks loudest: turned over rather than moved
    "part_size",  # log of its area, px
    "part_arrived",  # the map where it would lie now, of the map's highest
    "part_lost",  # agreement at best of the part that is found least
    "part_kept",  # agreement in place of the part that keeps its place least
    *(f"place_{way}" for way in _WAYS),  # the same of the worst place, whatever parts lie there
    "place_kept",
)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a mark, in the frame."""

    body: Mask  # with all that lies inside it
    box: tuple[int, int, int, int]  # x, y, width, height, px

    @property
    def area_px(self) -> int:
        """How many pixels it has."""
        return int(self.body.sum())

    def mean(self, plane: Plane) -> float:
        """The mean of a plane over it."""
        return float((plane * self.body).sum()) / self.area_px


# --- the parts ----------------------------------------------------------------------------------


def parts(stack: NDArray[np.uint8], mark: Plane, ink: Plane) -> list[Part]:
    """The parts of a mark from its aligned references `[N, S, S, 3]`, where it lies and where its ink does."""
    shown = np.median(stack[:_AGREEING], axis=0).astype(np.uint8)
    near = cv2.dilate((mark > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not near.any():
        return []
    lab = cv2.cvtColor(np.asarray(cv2.GaussianBlur(shown, (0, 0), 0.8)), cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] *= 0.7  # light changes lightness more than hue
    number = _nearest(lab, _palette(lab[near]))
    areas = [(number == colour) & near for colour in range(_COLOURS)]
    found: list[Part] = []
    for area in (*areas, ink > 0.5):
        for part in _connected(area, int(near.sum())):
            if all(np.abs(np.subtract(part.box, other.box)).max() > _ALIKE_PX for other in found):
                found.append(part)
    return found


def _palette(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Centres `[C, 3]` of colours `[P, 3]`: k-means from the farthest points, the same whenever it is asked."""
    sample = colours[:: max(1, len(colours) // _SAMPLES)]
    centres = np.median(sample, axis=0)[None]
    for _ in range(_COLOURS - 1):
        far = ((sample[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
        centres = np.concatenate([centres, sample[[int(far.argmax())]]])
    for _ in range(6):
        own = _nearest(sample, centres)
        centres = np.stack([sample[own == i].mean(axis=0) if (own == i).any() else c for i, c in enumerate(centres)])
    return np.asarray(centres, np.float32)


def _nearest(colours: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.asarray(((colours[..., None, :] - centres) ** 2).sum(axis=-1).argmin(axis=-1), np.intp)


def _connected(area: NDArray[np.bool_], mark_px: int) -> list[Part]:
    opened = cv2.morphologyEx(area.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = [_filled(np.asarray(outline, np.int32), area.shape) for outline in outlines]
    return [part for part in filled if _is_part(part, mark_px)]


def _filled(outline: NDArray[np.int32], shape: tuple[int, ...]) -> Part:
    body = np.zeros(shape, np.uint8)
    cv2.drawContours(body, [outline], -1, 1, -1)
    x, y, width, height = cv2.boundingRect(outline)
    return Part(body, (x, y, width, height))


def _is_part(part: Part, mark_px: int) -> bool:
    return _LEAST_PX <= part.area_px <= _MOST_SHARE * mark_px and max(part.box[2:]) <= _MOST_SIDE_PX


# --- where they lie now -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fit:
    """Where one way fits best."""

    agreement: float  # correlation with the photo, -1..1
    gain: float  # beyond what the reference itself agrees by there
    heat: float  # mean of the map there


@dataclass(frozen=True, eq=False)
class _Searched:
    """What became of one part."""

    part: Part
    kept: float  # agreement in place
    fits: tuple[_Fit, ...]  # in the order of _WAYS

    @property
    def spoken(self) -> list[float]:
        """How much speaks for each way: less than it gains on what is there anyhow, and on the part kept in place."""
        return [min(fit.gain, fit.agreement - max(self.kept, 0.0)) for fit in self.fits]

    @property
    def loudest(self) -> float:
        """The most of them."""
        return max(self.spoken)


def measure(heat: Plane, photo: Plane, reference: Plane, known: Sequence[Part]) -> dict[str, float]:
    """What became of the parts where the map is high; `photo` and `reference` are local contrast."""
    heat = np.asarray(heat / max(float(heat.max()), 1e-6), np.float32)
    hot = [part for part in _likeliest(heat, known) if part.mean(heat) >= _HOT]
    found = [one for part in hot if (one := _search(part, photo, reference, heat)) is not None]
    worst = _worst(heat)
    place = None if worst is None else _search(worst, photo, reference, heat)
    return dict(zip(MEASURES, (*_of_parts(found), *_of_place(place)), strict=True))


def _likeliest(heat: Plane, known: Sequence[Part]) -> list[Part]:
    """The parts that hold most of the map for their size."""
    return sorted(known, key=lambda part: -part.mean(heat) * np.sqrt(part.area_px))[:_MOST_PARTS]


def _worst(heat: Plane) -> Part | None:
    """The box around the map's peak, of what is half as high; None where that is no part's size."""
    _, labels = cv2.connectedComponents((heat >= _HEIGHT).astype(np.uint8))
    peak = labels[np.unravel_index(int(heat.argmax()), heat.shape)]
    x, y, width, height = cv2.boundingRect((labels == peak).astype(np.uint8))
    if width * height < _LEAST_PX or max(width, height) > _MOST_SIDE_PX:
        return None
    body = np.zeros(heat.shape, np.uint8)
    body[y : y + height, x : x + width] = 1
    return Part(body, (x, y, width, height))


def _of_parts(found: Sequence[_Searched]) -> tuple[float, ...]:
    """The first ten of MEASURES."""
    if not found:
        return (-0.5,) * (len(_WAYS) + 2) + (0.0, 0.0, 0.0, 1.0)
    spoken = np.array([one.spoken for one in found])  # [P, W]
    moved, flipped = spoken[:, :-1].max(axis=1), spoken[:, -1]
    loudest = max(range(len(found)), key=lambda index: found[index].loudest)
    one = found[loudest]
    return (
        *spoken.max(axis=0).tolist(),
        float(moved.max()),
        float(flipped[loudest] - moved[loudest]),
        float(np.log(one.part.area_px)),
        one.fits[int(np.argmax(one.spoken))].heat,
        min(max(other.kept, *(fit.agreement for fit in other.fits)) for other in found),
        min(other.kept for other in found),
    )


def _of_place(place: _Searched | None) -> tuple[float, ...]:
    """The last five of MEASURES."""
    if place is None:
        return (-0.3,) * len(_WAYS) + (0.5,)
    return (*place.spoken, place.kept)


def _search(part: Part, photo: Plane, reference: Plane, heat: Plane) -> _Searched | None:
    """A part looked for; None where it shows no form."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RIM_PX + 1, 2 * _RIM_PX + 1))
    cutting = _Cutting(part, np.asarray(cv2.dilate(part.body, disc), np.float32), photo, reference, heat)
    kept = cutting.fit(_KEPT)
    if kept is None:
        return None
    fits = [cutting.fit(way) or _Fit(-1.0, -1.0, 0.0) for way in (*_MOVED.values(), _FLIPPED)]
    return _Searched(part, kept.agreement, tuple(fits))


@dataclass(frozen=True, eq=False)
class _Cutting:
    """A part of the reference, and what it is looked for in."""

    part: Part
    mask: Plane
    photo: Plane
    reference: Plane
    heat: Plane

    @property
    def middle(self) -> NDArray[np.float64]:
        """x, y of the part's middle."""
        x, y, width, height = self.part.box
        return np.array([x + (width - 1) / 2, y + (height - 1) / 2])

    def fit(self, way: _Way) -> _Fit | None:
        """Where a way's maps gain most; None where the part shows no form under any."""
        fits = (self._fit(linear, way) for linear in way.maps)
        return max((fit for fit in fits if fit is not None), key=lambda fit: fit.gain, default=None)

    def _fit(self, linear: Map, way: _Way) -> _Fit | None:
        half = np.ceil(np.abs(linear) @ (np.array(self.part.box[2:]) / 2 + _RIM_PX + 1)).astype(int)
        pattern, mask = (self._mapped(plane, linear, half) for plane in (self.reference, self.mask))
        inside = pattern[mask > 0.5]
        if len(inside) < 20 or float(inside.std()) < _FLAT:
            return None
        reach = half + way.reach_px
        agreement = _agreement(self._around(self.photo, reach), pattern, mask)
        gain = agreement
        if way is not _KEPT:
            gain = agreement - np.maximum(_agreement(self._around(self.reference, reach), pattern, mask), 0)
            gain = np.where(_distance(len(gain)) >= way.least_px, gain, -2)
        row, column = np.unravel_index(int(gain.argmax()), gain.shape)
        under = self._around(self.heat, reach)[row : row + len(mask), column : column + mask.shape[1]]
        heat = float((under * mask).sum() / mask.sum())
        return _Fit(float(agreement[row, column]), float(gain[row, column]), heat)

    def _mapped(self, plane: Plane, linear: Map, half: NDArray[np.intp]) -> Plane:
        """The part's surroundings under a linear map, on a patch of half that width and height, less a half."""
        back = np.linalg.inv(linear)
        affine = np.column_stack([back, self.middle - back @ half])
        size = (int(2 * half[0] + 1), int(2 * half[1] + 1))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        border = cv2.BORDER_CONSTANT if plane is self.mask else cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(plane, affine, size, flags=flags, borderMode=border), np.float32)

    def _around(self, plane: Plane, reach: NDArray[np.intp]) -> Plane:
        """A plane about the part's middle, its edge repeated beyond the frame."""
        x, y = (np.round(self.middle)).astype(int)
        size = len(plane)
        low_x, high_x, low_y, high_y = x - reach[0], x + reach[0] + 1, y - reach[1], y + reach[1] + 1
        cut = plane[max(0, low_y) : max(0, high_y), max(0, low_x) : max(0, high_x)]
        beyond = ((max(0, -low_y), max(0, high_y - size)), (max(0, -low_x), max(0, high_x - size)))
        return np.pad(cut, beyond, mode="edge")


def _agreement(area: Plane, pattern: Plane, mask: Plane) -> Plane:
    """Correlation under the mask wherever the pattern fits in the area; -1 where there is none."""
    found = cv2.matchTemplate(area, pattern, cv2.TM_CCOEFF_NORMED, mask=mask)
    return np.asarray(np.clip(np.nan_to_num(found, nan=-1, posinf=-1, neginf=-1), -1, 1), np.float32)


def _distance(size: int) -> NDArray[np.float64]:
    """Distance of each place of a square `[size, size]` from its middle, px."""
    steps = np.arange(size) - size // 2
    return np.asarray(np.hypot(steps[:, None], steps[None]), np.float64)
