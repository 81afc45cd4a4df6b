"""Place: what happened where a mark differs most, by trying what a forger may have done to it.

A part turned over agrees with the reference's mirror image, a moved one with the reference a little beside; a missing
one leaves no contrast, an added one more than the reference has. None of this says whether the mark was altered:
it tells faults apart.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.measures.weighing import mean

MEASURES = ("place_alike", "place_mirrored", "place_moved", "place_contrast", "place_share", "place_colour")
_HEIGHT = 0.5  # of the map's highest: what belongs to the place
_LEAST_PX, _MOST_SHARE = 24, 0.5  # side of the window looked at, and its most of the frame's
_REACH_PX = 14  # how far beside the place a moved part is looked for
_NEAR_PX = 2  # a shift that registration may have left

Plane = NDArray[np.float32]  # [S, S]


def measure(heat: Plane, photo: Plane, reference: Plane, mark: Plane, chroma: Plane) -> dict[str, float]:
    """Of the heat's highest place: `photo` and `reference` are local contrast, `chroma` the residual of colour."""
    if float(heat.max()) <= 0:
        return dict.fromkeys(MEASURES, 0.0)
    place = _place(heat)
    window = _window(place)
    seen, known = photo[window], reference[window]
    around = _grown(window, _REACH_PX, len(heat))
    near = _grown(window, _NEAR_PX, len(heat))
    alike = _best(known, photo[near])
    mirrored = max(_best(turned, photo[near]) for turned in (known[:, ::-1], known[::-1]))
    moved = _best(known, photo[around])
    inside = place[window].astype(np.float32)  # a place that winds may leave the window about its middle empty
    energies = [mean(side * side, inside) for side in (seen, known)]
    found = (
        alike,
        mirrored - alike,
        moved - alike,
        float(np.log((energies[0] + 0.05) / (energies[1] + 0.05))),
        float(np.log((place.sum() + 1) / (mark.sum() + 1))),
        mean(chroma, place.astype(np.float32)) - mean(chroma, mark),
    )
    return dict(zip(MEASURES, found, strict=True))


def _place(heat: Plane) -> NDArray[np.bool_]:
    """The connected area `[S, S]` around the heat's peak that is at least half as high."""
    high = (heat >= _HEIGHT * float(heat.max())).astype(np.uint8)
    _, labels = cv2.connectedComponents(high)
    return np.asarray(labels == labels[np.unravel_index(int(heat.argmax()), heat.shape)], np.bool_)


def _window(place: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the place, no smaller than shows a shape and no larger than half the frame."""
    size = len(place)
    return tuple(_span(np.flatnonzero(place.any(axis=axis)), size) for axis in (1, 0))  # type: ignore[return-value]


def _span(found: NDArray[np.intp], size: int) -> slice:
    middle = (int(found[0]) + int(found[-1]) + 1) / 2
    length = int(np.clip(found[-1] - found[0] + 1 + 8, _LEAST_PX, _MOST_SHARE * size))
    start = int(np.clip(round(middle - length / 2), 0, size - length))
    return slice(start, start + length)


def _grown(window: tuple[slice, slice], px: int, size: int) -> tuple[slice, slice]:
    rows, columns = (slice(max(0, s.start - px), min(size, s.stop + px)) for s in window)
    return rows, columns


def _best(pattern: Plane, area: Plane) -> float:
    """Highest normalised correlation of a pattern anywhere within an area; 0 where the pattern is flat."""
    if float(pattern.std()) < 0.05:
        return 0.0
    found = cv2.matchTemplate(np.ascontiguousarray(area), np.ascontiguousarray(pattern), cv2.TM_CCOEFF_NORMED)
    return float(np.nan_to_num(found, posinf=0.0, neginf=0.0).max())
