"""What became of one proposer's boxes on one set: matches, marks found, time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.localise.photo_set import MarkedPhoto, PhotoSet
from benchmarks.localise.proposer import Proposer
from training.localisation import Matched, Proposed, average_precision, found, match, side
from vision.photo import Photo, decode

REGIONS = 20  # with which recall is stated
LARGE_PX = 48  # marks of at least this side are the ones that must be found
SIZES_PX = ((12.0, 24.0), (24.0, 48.0), (48.0, 96.0), (96.0, 192.0), (192.0, np.inf))
_RESAMPLES = 200


@dataclass(frozen=True, eq=False)
class Looked:
    """One photograph with one proposer's boxes."""

    photo: MarkedPhoto
    proposed: Proposed

    def matched(self, sides_px: tuple[float, float] = (0.0, np.inf)) -> Matched:
        """Its part in an average precision over marks of these sides."""
        return match(self.proposed, self.photo.truth, sides_px=sides_px)

    def found(self, regions: int = REGIONS) -> NDArray[np.bool_]:
        """Which of its marks [G] that many regions hold."""
        return found(self.proposed, self.photo.truth.boxes, regions)


@dataclass(frozen=True, eq=False)
class Measured:
    """A proposer on a set."""

    proposer: str
    photo_set: PhotoSet
    looked: tuple[Looked, ...]
    seconds: float  # median a photo

    def precision(self, sides_px: tuple[float, float] = (0.0, np.inf)) -> float | None:
        """Average precision at IoU 0.5 over marks of these sides."""
        return average_precision([one.matched(sides_px) for one in self.looked])

    def precision_interval(self, sides_px: tuple[float, float] = (0.0, np.inf)) -> tuple[float, float]:
        """95% of it when photographs are drawn anew (bootstrap)."""
        matched = [one.matched(sides_px) for one in self.looked]
        return _interval(lambda rows: average_precision([matched[row] for row in rows]), len(matched))

    def recall(self, keep: Callable[[Looked], NDArray[np.bool_]], regions: int = REGIONS) -> tuple[int, int]:
        """How many of the marks that `keep` [G] names are found, and how many they are."""
        kept = [(one, keep(one) & one.photo.truth.counts) for one in self.looked]
        return sum(int((one.found(regions) & marks).sum()) for one, marks in kept), sum(int(m.sum()) for _, m in kept)


def measure(proposer: Proposer, photo_set: PhotoSet, tell: Callable[[str, int, int], None]) -> Measured:
    """All photographs of a set looked at by a proposer."""
    looked, seconds = [], []
    for done, photo in enumerate(photo_set.photos, 1):
        picture = opened(photo)
        started = time.perf_counter()
        proposed = proposer.propose(picture)
        seconds.append(time.perf_counter() - started)
        looked.append(Looked(photo, proposed))
        tell(f"{photo_set.name}: {proposer.name}", done, len(photo_set.photos))
    return Measured(proposer.name, photo_set, tuple(looked), float(np.median(seconds)))


def opened(photo: MarkedPhoto) -> Photo:
    """The photograph, decoded as serving does."""
    return decode(photo.file.read_bytes())


def by_side(low: float, high: float) -> Callable[[Looked], NDArray[np.bool_]]:
    """Marks whose longer side lies in a span, px."""

    def keep(one: Looked) -> NDArray[np.bool_]:
        sides = side(one.photo.truth.boxes)
        return np.asarray((sides >= low) & (sides < high))

    return keep


def by_photo(column: str, value: str) -> Callable[[Looked], NDArray[np.bool_]]:
    """Marks of photographs of one slice."""
    return lambda one: np.full(len(one.photo.truth.counts), one.photo.slices.get(column) == value)


def by_mark(column: str, value: str) -> Callable[[Looked], NDArray[np.bool_]]:
    """Marks of one slice."""
    return lambda one: np.array([name == value for name in one.photo.mark_slices.get(column, ())], bool)


def _interval(figure: Callable[[Sequence[int]], float | None], count: int) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    drawn = [figure(rng.integers(count, size=count).tolist()) for _ in range(_RESAMPLES)]
    low, high = np.quantile([value for value in drawn if value is not None], [0.025, 0.975])
    return float(low), float(high)
