"""Readings: our own answers, through the gallery and the inspector that serve, with what the baselines need of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery.photo_set import PhotoSet
from index.folder import passing_gallery
from index.gallery import Gallery
from training.evaluate import Examination, Outcome, look, outcome_of
from training.listing import Listing
from vision.bundle import Bundle
from vision.calibration import Calibration, Judgement
from vision.embedder import OnnxEmbedder
from vision.errors import TouchstoneError
from vision.inspection import Inspector
from vision.policy import Policy
from vision.recognition import Recognition
from vision.verdict import Rate

TOLERANCE_PX = 4  # of the frame: how far beside the altered area the map's peak may lie

Tell = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True)
class Peak:
    """Where the map's highest place lies, against the altered area."""

    inside: bool
    by_chance: float  # share of the mark that lies in the altered area: what a peak set at random would hit


@dataclass(frozen=True, eq=False)
class Crop:
    """A picture of a mark: aligned in the frame of its references, or the whole photo."""

    pixels: NDArray[np.uint8]  # [S, S, 3], or [H, W, 3] of a whole photo
    mark: NDArray[np.bool_] | None  # [S, S] where the mark is and the photo has pixels; None: all of it counts


@dataclass(frozen=True)
class Answer:
    """What is decided at one alpha."""

    decision: str
    units: int  # genuine units the decision stands on


@dataclass(frozen=True, eq=False)
class Reading:
    """One listing as we answer it."""

    listing: Listing
    outcome: Outcome
    answers: Mapping[float, Answer]  # by alpha
    reasons: tuple[str, ...]  # of the verdict: none unless flagged
    seen: tuple[str, ...]  # what would be named if it were flagged; none without an alignment
    region_distance: float  # of the photo's best region to the true brand
    aligned_distance: float | None  # of the aligned mark
    crop: Crop | None  # against the true brand
    peak: Peak | None  # where an alignment and a mask are at hand


@dataclass(frozen=True, eq=False)
class Ours:
    """The whole of our row."""

    bundle: str
    embedder: str  # fingerprint
    readings: tuple[Reading, ...]
    enrolled: Mapping[str, tuple[Crop, ...]]  # brand -> its references, aligned

    def of_brands(self) -> tuple[Reading, ...]:
        """Readings of listings that have a true brand and could be read: what every row is scored on."""
        return tuple(one for one in self.readings if one.listing.brand is not None and not one.outcome.error)


@dataclass(frozen=True)
class AtAlpha:
    """A calibration asked at another alpha than the policy's."""

    calibration: Calibration
    alpha: float

    def judge(self, score: float, brand: str, references: int, alpha: float) -> Judgement:
        """Hold a score against what applies to the brand."""
        return self.calibration.judge(score, brand, references, self.alpha)


class Always:
    """Flags whatever it is asked about, so that the reasons a flag would have can be read."""

    def judge(self, score: float, brand: str, references: int, alpha: float) -> Judgement:
        """A flag, on no calibration."""
        return Judgement(True, Rate(None, alpha, 0, "none", None))


def read_all(bundle: Bundle, photo_set: PhotoSet, alphas: Sequence[float], tell: Tell, references: int = 99) -> Ours:
    """Enrol the set's brands with their first `references` and read every listing of the set."""
    embedder = OnnxEmbedder(bundle)
    folders = photo_set.first(references)
    with passing_gallery(folders, embedder, lambda p: tell("enrol", p.done, p.total)) as gallery:
        inspector = Inspector.of(bundle, embedder, gallery, Policy(alpha=alphas[0]))
        readings = tuple(_readings(inspector, photo_set, alphas, tell))
        enrolled = {brand: _enrolled(gallery, brand) for brand in gallery.brands}
    return Ours(bundle.spec.name, embedder.fingerprint, readings, enrolled)


def _readings(inspector: Inspector, photo_set: PhotoSet, alphas: Sequence[float], tell: Tell) -> Iterator[Reading]:
    for done, listing in enumerate(photo_set.listings, 1):
        yield _reading(inspector, photo_set, listing, alphas)
        tell("inspect", done, len(photo_set.listings))


def _reading(inspector: Inspector, photo_set: PhotoSet, listing: Listing, alphas: Sequence[float]) -> Reading:
    try:
        seen = look(inspector, listing)
    except (OSError, TouchstoneError) as fault:
        return Reading(listing, Outcome(listing, error=str(fault)), {}, (), (), 2.0, None, None, None)
    held = seen.held
    return Reading(
        listing,
        outcome_of(listing, seen),
        {alpha: _answer(inspector, seen, alpha) for alpha in alphas},
        tuple(reason.code.value for reason in seen.verdict.reasons),
        _named(inspector, held),
        held.look.distances.get(held.brand, 2.0) if held else 2.0,
        held.sighting.embedding if held and held.sighting else None,
        _crop(held),
        _peak(held, photo_set.mask(listing)),
    )


def _answer(inspector: Inspector, seen: Examination, alpha: float) -> Answer:
    verdict = inspector.decide([seen.found], judge=AtAlpha(inspector.calibration, alpha))
    return Answer(verdict.decision.value, verdict.rate.n)


def _named(inspector: Inspector, held: Recognition | None) -> tuple[str, ...]:
    if held is None or held.divergence is None:
        return ()
    recognised = replace(held, recognition=1.0)
    return tuple(reason.code.value for reason in inspector.decide([[recognised]], judge=Always()).reasons)


def _crop(held: Recognition | None) -> Crop | None:
    if held is None or held.sighting is None or held.template is None:
        return None
    registered = held.sighting.registered
    return Crop(registered.pixels, np.asarray((held.template.mark > 0.5) & registered.valid, np.bool_))


def _enrolled(gallery: Gallery, brand: str) -> tuple[Crop, ...]:
    return tuple(
        Crop(pixels, np.asarray((template.mark > 0.5) & valid, np.bool_))
        for template in gallery.templates(brand)
        for pixels, valid in zip(template.stack, template.valid, strict=True)
    )


def _peak(held: Recognition | None, mask: NDArray[np.bool_] | None) -> Peak | None:
    """The map's peak against the mask, both in the frame."""
    if held is None or held.sighting is None or held.divergence is None or held.template is None or mask is None:
        return None
    area = in_frame(mask, held.sighting.photo_px, held.sighting.registered.homography, len(held.template.mark))
    y, x = np.unravel_index(int(np.argmax(held.divergence.heat)), held.divergence.heat.shape)
    mark = held.template.mark > 0.5
    return Peak(bool(area[y, x]), float(area[mark].mean()) if mark.any() else 0.0)


def in_frame(
    mask: NDArray[np.bool_], photo_px: tuple[int, int], homography: NDArray[np.float64], size_px: int
) -> NDArray[np.bool_]:
    """A photograph's mask [H, W] in a frame [S, S], grown by `TOLERANCE_PX`.

    `homography` takes px of the photo at working size, `photo_px` wide and high, to the frame.
    """
    height, width = mask.shape
    to_working = np.diag([photo_px[0] / width, photo_px[1] / height, 1.0])
    moved = cv2.warpPerspective(mask.astype(np.uint8) * 255, homography @ to_working, (size_px, size_px))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE_PX + 1, 2 * TOLERANCE_PX + 1))
    return np.asarray(cv2.dilate(moved, disc) > 127, np.bool_)


def picture_of(file: Path) -> NDArray[np.uint8] | None:
    """A photograph [H, W, 3] RGB as it lies in its file."""
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    return None if picture is None else np.asarray(picture, np.uint8)
