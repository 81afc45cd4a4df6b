"""The contact sheet of a set: its first scenes, small, with the boxes of their marks."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Photo = NDArray[np.uint8]  # [H, W, 3] sRGB
Marked = tuple[tuple[int, int, int, int], bool, bool]  # x1 y1 x2 y2 px; of the listed brand; enough of it is seen

_LISTED, _OTHER, _HIDDEN = (0, 210, 60), (40, 120, 255), (255, 40, 40)


def contact_sheet(
    photos: Sequence[Photo], boxes: Sequence[Sequence[Marked]], columns: int = 6, tile_px: int = 400
) -> Photo:
    """The photographs in rows, boxes green for the listed brand, blue for others, red where a mark is mostly hidden."""
    rows = max(1, -(-len(photos) // columns))
    sheet = np.full((rows * tile_px, columns * tile_px, 3), 255, np.uint8)
    for place, (photo, marks) in enumerate(zip(photos, boxes, strict=True)):
        tile = _tile(photo, marks, tile_px - 6)
        top, left = place // columns * tile_px, place % columns * tile_px
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return sheet


def _tile(photo: Photo, marks: Sequence[Marked], side_px: int) -> Photo:
    scale = side_px / max(photo.shape[:2])
    size = max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale))
    small = np.ascontiguousarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    for box, listed, seen in marks:
        x1, y1, x2, y2 = (round(edge * scale) for edge in box)
        colour = (_LISTED if listed else _OTHER) if seen else _HIDDEN
        cv2.rectangle(small, (x1, y1), (x2, y2), colour, 1)
    return np.asarray(small, np.uint8)
