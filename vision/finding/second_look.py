"""The second look: places in a photo seen from nearer, where the photo as a whole showed no mark that is believed.

Local features are found once in a whole photo, at one size; of a mark that takes a tenth of it they are too few. So a
place is cut out and enlarged, and its features are found anew: in px of the photo as it was sent, so that whatever is
done with an alignment goes on as after a first look, with all the detail that the photo has.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.finding.look import Look
from vision.finding.votes import Vote
from vision.geometry.features import LocalFeatures, extract
from vision.photo import Photo
from vision.regions.boxes import keep
from vision.regions.region import Box, Region, in_px

SIDE_PX = 256  # longer side of the mark as it is looked at
MARGIN = 0.2  # of its longer side, seen around it
MOST_GROWTH = 6.0  # beyond, there is nothing to be seen but the sampling
MOST_IOU = 0.5  # of two places


@dataclass(frozen=True)
class Spot:
    """A place worth a second look."""

    region: Region
    brands: tuple[str, ...]  # whose mark it may be, likeliest first


def spots(look: Look, votes: Sequence[Vote], most: int, most_brands: int) -> Iterator[Spot]:
    """At most `most` places that something pointed at, none of which covers another.

    Sources take turns, each with the best that it has left, since their scores do not compare. The brands of each place
    are those whose features voted for it, then those that its region lies near. What the first look saw as large as
    this one would is left out.
    """
    pointed = [Spot(one, look.brands_at(index)) for index, one in enumerate(look.regions)]
    voted = [Spot(vote.region, (vote.brand,)) for vote in votes]
    sources = [[spot for spot in pointed if spot.region.source == "detector"], voted]
    small = [[spot for spot in spots if _side_px(spot.region.box, look.pixels) < SIDE_PX] for spots in sources]
    ranked = [_apart(spots, [spot.region.score for spot in spots]) for spots in small]
    turns = [spot for turn in zip_longest(*sorted(ranked, key=_best, reverse=True)) for spot in turn if spot]
    for spot in _apart(turns, [-float(turn) for turn in range(len(turns))])[:most]:
        brands = [vote.brand for vote in votes if _within(vote.region.box, spot.region.box)]
        yield replace(spot, brands=tuple(dict.fromkeys([*brands, *spot.brands]))[:most_brands])


def _apart(found: Sequence[Spot], scores: Sequence[float]) -> list[Spot]:
    """Those that no better one covers, best first."""
    boxes = np.array([spot.region.box for spot in found]).reshape(-1, 4)
    return [found[index] for index in keep(boxes, np.array(scores, np.float64), MOST_IOU, len(found))]


def _best(ranked: Sequence[Spot]) -> float:
    return max((spot.region.score for spot in ranked), default=0.0)


def _side_px(box: Box, pixels: NDArray[np.uint8]) -> float:
    """A box's longer side in these pixels `[H, W, 3]`."""
    return float(max((box[2] - box[0]) * pixels.shape[1], (box[3] - box[1]) * pixels.shape[0]))


def _within(box: Box, other: Box) -> bool:
    """Whether the middle of a box lies in another."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]


class Closer:
    """Looks at places of one photo from nearer, each taken once: its features only, in px of the photo.

    `voted` tells which brands features speak for; None where none is to be asked.
    """

    def __init__(
        self,
        photo: Photo,
        look: Look,
        voted: Callable[[LocalFeatures], tuple[str, ...]] | None,
        max_features: int,
    ) -> None:
        self.photo, self._look, self._voted, self._max_features = photo, look, voted, max_features
        self._taken: dict[Box, Look] = {}

    @property
    def named(self) -> tuple[str, ...]:
        """The brands that features spoke for at any place so far."""
        return tuple(dict.fromkeys(brand for near in self._taken.values() for brand in near.voted))

    def at(self, region: Region) -> Look:
        """The look at one region."""
        if region.box not in self._taken:
            features = features_at(self.photo, region.box, self._max_features)
            voted = () if self._voted is None else self._voted(features)
            self._taken[region.box] = replace(self._look, pixels=self.photo.pixels, features=features, voted=voted)
        return replace(self._taken[region.box], spot=region)

    def voted_at(self, region: Region) -> tuple[str, ...]:
        """The brands that features at one region speak for."""
        return () if self._voted is None else self.at(region).voted


def features_at(photo: Photo, box: Box, max_features: int) -> LocalFeatures:
    """Features of a place in a photo, found in an enlargement of it; points in px of the photo."""
    cut, left, top = _cut(photo, box)
    h, w = cut.shape[:2]
    scale = min(SIDE_PX * (1 + 2 * MARGIN) / max(h, w), MOST_GROWTH)
    size = max(1, round(w * scale)), max(1, round(h * scale))
    near = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA), np.uint8)
    return extract(near, max_features).moved(_back(size, (w, h), (left, top)))


def _cut(photo: Photo, box: Box) -> tuple[NDArray[np.uint8], int, int]:
    """The pixels of a box and its margin, and where they start; never empty."""
    x0, y0, x1, y1 = in_px(box, photo)
    margin = MARGIN * max(x1 - x0, y1 - y0)
    left, top = int(np.clip(x0 - margin, 0, photo.width - 1)), int(np.clip(y0 - margin, 0, photo.height - 1))
    right, bottom = int(np.ceil(x1 + margin)), int(np.ceil(y1 + margin))
    return photo.pixels[top : max(top + 1, bottom), left : max(left + 1, right)], left, top


def _back(size: tuple[int, int], cut: tuple[int, int], start: tuple[int, int]) -> NDArray[np.float64]:
    """Map `[3, 3]` from px of the enlargement to px of the photo: centres of pixels lie at whole numbers."""
    across, down = cut[0] / size[0], cut[1] / size[1]
    return np.array([[across, 0, start[0] + (across - 1) / 2], [0, down, start[1] + (down - 1) / 2], [0, 0, 1.0]])
