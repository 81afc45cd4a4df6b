"""Genuine: scores of photographs known to be genuine, taken as the service would, unit by unit.

What would not have been recognised, or not aligned, could not have been flagged and has no score; what would
have been taken for another brand counts with the score it has there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.audit import Audited
from index.gallery import Gallery
from index.leave_out import LeaveOut
from index.store import Reference, Store
from vision.calibration import LISTINGS, SIMULATED, GenuineScores
from vision.errors import ConfigurationError, InputRefused, ListingsInvalid, PhotoUnreadable
from vision.inspection import shown_best
from vision.photo import Photo, decode
from vision.recognition import Recogniser
from vision.references.enrolment import WORKING_SIDE_PX
from vision.references.rephotograph import mark_in, rephotographs

VIEWS = 3  # photographs simulated of each reference
MAX_FOLDS = 8  # held out one by one up to as many references, an eighth at a time beyond


@dataclass(frozen=True)
class Unit:
    """One independent unit: a listing, or one reference photographed anew."""

    name: str
    photographs: int
    scores: tuple[float, ...]  # of its photographs that would have been judged, in the order taken

    @property
    def score(self) -> float | None:
        """The one that counts, chosen by its place and not by its value."""
        return next(iter(self.scores), None)


@dataclass(frozen=True)
class Scored:
    """A brand's genuine units from one source, and the files that could not be used, each with why."""

    brand: str
    source: str  # listings | simulated
    units: tuple[Unit, ...]
    refused: tuple[tuple[Path, InputRefused], ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """One score a unit that has one."""
        return tuple(unit.score for unit in self.units if unit.score is not None)

    @property
    def photographs(self) -> int:
        """How many were scored or tried."""
        return sum(unit.photographs for unit in self.units)

    @property
    def genuine(self) -> GenuineScores:
        """As calibration takes them."""
        return GenuineScores.of(self.source, list(self.values))


def served_score(recogniser: Recogniser, photos: Sequence[Photo]) -> float | None:
    """The score with which a listing of these photos would be judged; None where it would not be."""
    best = shown_best([recogniser.recognise(photo) for photo in photos])
    return None if best is None or best.template is None else best.score


# --- confirmed listings --------------------------------------------------------------------------


def score_listings(recogniser: Recogniser, store: Store, brand: str, listings: Sequence[Audited]) -> Scored:
    """Scores of a brand's confirmed-genuine listings, one a listing.

    A photo that stands twice, or is itself a reference, is no independent one and is refused.
    """
    seen = {reference.sha256 for reference in store.references(brand)}
    units, refused = [], []
    for listing in listings:
        photos = []
        for path in listing.files:
            try:
                photos.append(_new(path, seen))
            except InputRefused as fault:
                refused.append((path, fault))
        if photos:
            score = served_score(recogniser, photos)
            units.append(Unit(listing.name, len(photos), () if score is None else (score,)))
    return Scored(brand, LISTINGS, tuple(units), tuple(refused))


def _new(path: Path, seen: set[str]) -> Photo:
    try:
        photo = decode(path.read_bytes())
    except OSError as fault:
        raise PhotoUnreadable(f"{path} cannot be read ({fault.strerror}); name a readable file") from fault
    if photo.sha256 in seen:
        raise ListingsInvalid(f"{path} is a reference or stands twice; give each listing photo once, and no reference")
    seen.add(photo.sha256)
    return photo


# --- simulated photographs -----------------------------------------------------------------------


def simulate(recogniser: Recogniser, store: Store, gallery: Gallery, brand: str, seed: int = 0) -> Scored:
    """Scores of a brand's references, photographed anew by the camera model and held against the others.

    Each reference is held against all but itself, or of many against all but the eighth it falls in. Leave-one-out
    scores are of one reference fewer than in service, and dependent (Barber, Candes, Ramdas, Tibshirani, "Predictive
    inference with the jackknife+", 2021): they are a model's, and state no rate. Errors: `ConfigurationError`
    where the brand has one reference, which leaves none to hold it against.
    """
    photos = [(reference.id, _photo(store, reference)) for reference in store.references(brand)]
    if len(photos) < 2:
        raise ConfigurationError(
            f"brand {brand!r} has {len(photos)} reference, to simulate takes 2; pooled scores apply to it"
        )
    folds = min(len(photos), MAX_FOLDS)
    units = [
        unit
        for fold in range(folds)
        for unit in _fold(recogniser, gallery, brand, photos, range(fold, len(photos), folds), seed)
    ]
    return Scored(brand, SIMULATED, tuple(units))


def _fold(
    recogniser: Recogniser,
    gallery: Gallery,
    brand: str,
    photos: Sequence[tuple[str, Photo]],
    held_out: range,
    seed: int,
) -> Iterator[Unit]:
    """The references at `held_out`, photographed and held against the rest."""
    rest = [each for place, each in enumerate(photos) if place not in held_out]
    blind = recogniser.over(LeaveOut(gallery, brand, [photos[place][0] for place in held_out], rest))
    for place in held_out:
        reference_id, photo = photos[place]
        box = mark_in(reference_id, gallery.templates(brand))
        views = rephotographs(photo, box, VIEWS, seed)
        scores = [served_score(blind, [view]) for view in views]
        yield Unit(reference_id, VIEWS, tuple(score for score in scores if score is not None))


def _photo(store: Store, reference: Reference) -> Photo:
    return decode(store.blob(reference.sha256)).fit(WORKING_SIDE_PX)
