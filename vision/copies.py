"""Copies: which photos of a listing are the same picture again, byte for byte, resized or saved anew.

Meant strictly: two photographs of one thing are no copies, and neither are a picture and one with another mark in it.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.photo import Photo

_THUMB_PX = 96
_MOST_MEAN = 4.5  # difference of thumbnails, of 255, on average and
_MOST_WORST = 24.0  # at the 99.5th percentile: a mark of 7 px of the thumbnail's side shows there
_PERCENTILE = 99.5
_MOST_ASPECT = 0.02  # relative difference of width over height


def originals(photos: Sequence[Photo]) -> tuple[int, ...]:
    """For each photo the one that it is a copy of, itself where it is none: the largest of its kind, then the first."""
    if len(photos) < 2:
        return tuple(range(len(photos)))
    thumbs = [_thumb(photo) for photo in photos]
    order = sorted(range(len(photos)), key=lambda place: -photos[place].width * photos[place].height)
    kept: list[int] = []
    answer = list(range(len(photos)))
    for place in order:
        same = (k for k in kept if _same(photos[place], photos[k], thumbs[place], thumbs[k]))
        answer[place] = next(same, place)
        if answer[place] == place:
            kept.append(place)
    return tuple(answer)


def _same(photo: Photo, other: Photo, thumb: NDArray[np.float32], other_thumb: NDArray[np.float32]) -> bool:
    if photo.sha256 == other.sha256:
        return True
    aspects = photo.width / photo.height, other.width / other.height
    if abs(aspects[0] / aspects[1] - 1) > _MOST_ASPECT:
        return False
    apart = np.abs(thumb - other_thumb).max(axis=2)
    return bool(apart.mean() <= _MOST_MEAN and np.percentile(apart, _PERCENTILE) <= _MOST_WORST)


def _thumb(photo: Photo) -> NDArray[np.float32]:
    """[T, T, 3], softened so that sharpening and compression hardly show."""
    small = cv2.resize(photo.pixels, (_THUMB_PX, _THUMB_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.float32)
