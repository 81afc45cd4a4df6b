"""Inspection: the product in one function, from photos to a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision import divergence, region
from vision.alignment import Alignment
from vision.bundle import Bundle
from vision.calibration import Calibration, Judgement
from vision.divergence import Divergence
from vision.embedder import Embedder
from vision.errors import BrandUnknown, BundleInvalid
from vision.features import LocalFeatures, extract, project
from vision.neighbours import Neighbours
from vision.photo import Photo
from vision.scorer import Scorer, inputs_of
from vision.sighting import Sighting, find, locate, sight
from vision.template import Template
from vision.verdict import Decision, Evidence, Finding, PhotoFindings, Rate, Reason, ReasonCode, Verdict

SURE_INLIERS = 16  # correspondences from which an alignment needs no search by appearance
FAR = 2.0  # cosine distance to a brand that the search did not reach


class References(Protocol):
    """Genuine references to search and to hold a photo against."""

    @property
    def version(self) -> str:
        """Identity of this immutable set of references."""
        ...

    @property
    def brands(self) -> tuple[str, ...]:
        """Brand ids with at least one reference."""
        ...

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest reference vectors of each query `[Q, D]`, of one brand or of all."""
        ...

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates; raises `BrandUnknown`."""
        ...


@dataclass(frozen=True)
class Policy:
    """What an operator may set about a decision and its cost."""

    alpha: float = 0.01  # allowed share of genuine listings flagged
    max_regions: int = 6  # regions embedded a photo, the whole photo among them
    neighbours: int = 24  # reference vectors retrieved a region
    candidate_brands: int = 5  # brands aligned with, nearest first
    candidate_templates: int = 4  # templates tried a candidate brand
    searched_brands: int = 2  # candidates looked for by appearance when no candidate aligns for sure
    compared_brands: int = 2  # aligned brands measured, best aligned first
    max_references: int = 3  # references of a template a photo is held against
    working_side_px: int = 640  # longer side at which local features are found
    max_features: int = 1000


@dataclass(frozen=True, eq=False)
class Look:
    """One photo made ready: pixels at working size, features, embedded regions."""

    pixels: NDArray[np.uint8]
    features: LocalFeatures
    vectors: NDArray[np.float32]  # [Q, D]
    regions: tuple[region.Region, ...]  # Q
    distances: dict[str, float]  # brand -> distance of its nearest vector, nearest first


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a photo aligns with a template of a brand."""

    brand: str
    template: Template
    alignment: Alignment


@dataclass(frozen=True, eq=False)
class Recognition:
    """One brand held against one photo. Without an alignment `template` and what follows is None."""

    brand: str
    score: float  # nonconformity, log odds of a forgery
    recognition: float  # log odds of showing the brand, less the operating point: above 0 is recognised
    references: int  # how many the score rests on
    inputs: NDArray[np.float64]  # what the scorer saw: `inputs_of` where aligned, else NEARNESS
    look: Look
    template: Template | None = None
    sighting: Sighting | None = None
    divergence: Divergence | None = None


class Inspector:
    """Holds photos against references. Immutable and safe to share between threads."""

    def __init__(
        self,
        embedder: Embedder,
        references: References,
        scorer: Scorer,
        calibration: Calibration,
        policy: Policy | None = None,
    ) -> None:
        self.embedder = embedder
        self.references = references
        self.scorer = scorer
        self.calibration = calibration
        self.policy = policy or Policy()

    @classmethod
    def of(
        cls, bundle: Bundle, embedder: Embedder, references: References, policy: Policy | None = None
    ) -> "Inspector":
        """The usual composition: scorer and calibration out of the bundle.

        `embedder` is the bundle's, perhaps behind a queue.
        """
        scorer_path, calibration_path = bundle.part("scorer"), bundle.part("calibration")
        if scorer_path is None or calibration_path is None:
            raise BundleInvalid(
                f"bundle {bundle.path.name} holds an embedder only; fit its scorer with `python -m training.scorer`"
            )
        scorer = Scorer.load(scorer_path, embedder.fingerprint)
        return cls(embedder, references, scorer, Calibration.load(calibration_path, scorer.fingerprint), policy)

    def inspect(self, photos: Sequence[Photo], claimed_brand: str | None = None) -> Verdict:
        """Decide about a listing of one or more photos.

        Where several photos show the brand, the one that shows it best decides, chosen before scores are
        compared, so that many photos do not make a flag likelier.
        """
        return self.decide([self.recognise(photo, claimed_brand) for photo in photos], claimed_brand)

    def decide(self, found: Sequence[Sequence[Recognition]], claimed_brand: str | None = None) -> Verdict:
        """The verdict of what `recognise` found in each photo."""
        seen = [r for per_photo in found for r in per_photo if r.recognition > 0]
        if not seen:
            return self._unrecognised(found, claimed_brand)
        best = max(seen, key=lambda r: r.recognition)
        judgement = self.calibration.judge(best.score, best.brand, best.references, self.policy.alpha)
        decision, reasons = self._decide(best, judgement, _photo_of(best, found))
        reasons += _claim_reasons(claimed_brand, {r.brand for r in seen})
        return Verdict(
            decision=decision,
            brand=best.brand,
            score=best.score,
            rate=judgement.rate,
            reasons=tuple(reasons),
            photos=tuple(_findings(per_photo) for per_photo in found),
            gallery_version=self.references.version,
            embedder=self.embedder.fingerprint,
        )

    def hold(self, photo: Photo, brand: str) -> Recognition:
        """Hold a photo against one brand, whatever it shows; `BrandUnknown`."""
        if brand not in self.references.brands:
            raise BrandUnknown(f"brand {brand!r} has no references; enrol some first")
        look = self._look(photo, brand)
        place = self._places(look, [brand])[brand]
        return self._aligned(look, place) if place else self._near(look, brand)

    def recognise(self, photo: Photo, claimed_brand: str | None = None) -> list[Recognition]:
        """The brands a photo may show, likeliest first, the claimed one always among those tried."""
        if not self.references.brands:
            return []
        claimed = claimed_brand if claimed_brand in self.references.brands else None
        look = self._look(photo, claimed)
        candidates = list(look.distances)[: self.policy.candidate_brands]
        if claimed is not None and claimed not in candidates:
            candidates.append(claimed)
        places = self._places(look, candidates)
        aligned = [place for place in places.values() if place is not None]
        aligned.sort(key=lambda place: -place.alignment.inliers)
        held = [self._aligned(look, place) for place in aligned[: self.policy.compared_brands]]
        if places.get(candidates[0]) is None:
            held.append(self._near(look, candidates[0]))
        return sorted(held, key=lambda r: -r.recognition)

    def _look(self, photo: Photo, brand: str | None) -> Look:
        small = photo.fit(self.policy.working_side_px)
        regions = region.propose(small, self.policy.max_regions)
        vectors = self.embedder.embed([region.crop(small, r) for r in regions])
        distances = self.references.nearest(vectors, self.policy.neighbours).best_by_brand()
        if brand is not None and brand not in distances:
            distances |= self.references.nearest(vectors, 1, brand).best_by_brand()
        return Look(small.pixels, extract(small.pixels, self.policy.max_features), vectors, regions, distances)

    def _places(self, look: Look, candidates: Sequence[str]) -> dict[str, _Place | None]:
        """Where the photo aligns with each candidate; the nearest are searched for when features are too few."""
        places = {brand: self._locate(look, brand) for brand in candidates}
        if max((place.alignment.inliers for place in places.values() if place), default=0) >= SURE_INLIERS:
            return places
        for brand in candidates[: self.policy.searched_brands]:
            places[brand] = self._search(look, brand) or places[brand]
        return places

    def _search(self, look: Look, brand: str) -> _Place | None:
        """Where the brand's main mark is found by appearance."""
        template = self.references.templates(brand)[0]
        found = find(look.pixels, look.features, template)
        return _Place(brand, template, found) if found else None

    def _locate(self, look: Look, brand: str) -> _Place | None:
        """Where the photo aligns best with a template of the brand; None where it does with none."""
        best: _Place | None = None
        for template in self.references.templates(brand)[: self.policy.candidate_templates]:
            found = locate(look.features, template)
            if found is not None and (best is None or found.inliers > best.alignment.inliers):
                best = _Place(brand, template, found)
        return best

    def _aligned(self, look: Look, place: _Place) -> Recognition:
        """Hold a photo against the template it was aligned with."""
        brand, template = place.brand, place.template
        sighting = sight(look.pixels, look.features, template, place.alignment)
        vector = self.embedder.embed([sighting.registered.pixels])
        close = self.references.nearest(vector, 1, brand).best_by_brand().get(brand, FAR)
        sighting = replace(sighting, embedding=close, embedding_photo=look.distances.get(brand, FAR))
        measured = divergence.measure(sighting, template, self.policy.max_references)
        inputs = inputs_of(measured.measures, template.genuine)
        return Recognition(
            brand=brand,
            score=self.scorer.divergence(inputs),
            recognition=self.scorer.recognition(inputs) - self.scorer.recognised_above,
            references=len(template),
            inputs=inputs,
            look=look,
            template=template,
            sighting=sighting,
            divergence=measured,
        )

    def _near(self, look: Look, brand: str) -> Recognition:
        """Hold a photo against a brand by embedding alone."""
        inputs, references = self.nearness(look, brand)
        return Recognition(
            brand=brand,
            score=self.scorer.unaligned(inputs),
            recognition=self.scorer.nearness(inputs) - self.scorer.near_above,
            references=references,
            inputs=inputs,
            look=look,
        )

    def nearness(self, look: Look, brand: str) -> tuple[NDArray[np.float64], int]:
        """Inputs NEARNESS of a brand, and how many references they rest on."""
        distance = look.distances.get(brand, FAR)
        others = [d for b, d in look.distances.items() if b != brand]
        references = sum(len(t) for t in self.references.templates(brand))
        return np.array([distance, min(others, default=FAR) - distance, np.log(max(references, 1))]), references

    def _decide(self, best: Recognition, judgement: Judgement, photo: int) -> tuple[Decision, list[Reason]]:
        if best.template is None:
            return Decision.UNDECIDED, [
                Reason(ReasonCode.THIN_EVIDENCE, "the mark resembles the brand's but could not be aligned", photo)
            ]
        if judgement.flagged is None:
            return Decision.UNDECIDED, [
                Reason(
                    ReasonCode.THIN_CALIBRATION,
                    f"{judgement.rate.n} genuine scores are too few to decide at alpha {judgement.rate.alpha:g}",
                    photo,
                )
            ]
        if not judgement.flagged:
            return Decision.CONSISTENT, []
        return Decision.DIVERGENT, self._why(best, photo)

    def _why(self, best: Recognition, photo: int) -> list[Reason]:
        """Named reasons of a flag, each with the box where it is seen worst."""
        assert best.divergence is not None
        assert best.sighting is not None
        named = self.scorer.reasons(best.divergence.measures)
        if not named:
            named = [(ReasonCode.STRUCTURE_DIFFERS, 0.0)]
        return [
            Reason(code, WORDS[code], photo, _box_of_map(_map_for(code, best.divergence), best.sighting))
            for code, _ in named
        ]

    def _unrecognised(self, found: Sequence[Sequence[Recognition]], claimed: str | None) -> Verdict:
        reasons = [Reason(ReasonCode.NO_MARK_FOUND, "no enrolled mark was recognised in the photos")]
        reasons += _claim_reasons(claimed, set())
        return Verdict(
            decision=Decision.UNRECOGNISED,
            brand=None,
            score=None,
            rate=Rate(None, self.policy.alpha, 0, "none", None),
            reasons=tuple(reasons),
            photos=tuple(PhotoFindings(()) for _ in found),
            gallery_version=self.references.version,
            embedder=self.embedder.fingerprint,
        )


WORDS: dict[ReasonCode, str] = {
    ReasonCode.SHAPE_DISTORTED: "the mark's shape or proportions differ beyond what the camera's pose explains",
    ReasonCode.COLOUR_OFF: "the mark's colours differ beyond what the light explains",
    ReasonCode.PART_MISSING: "something the references show is lacking",
    ReasonCode.PART_ADDED: "something is shown that no reference has",
    ReasonCode.STROKE_WEIGHT: "strokes are heavier or lighter than the references'",
    ReasonCode.MIRRORED: "the mark, or a part of it, is mirrored",
    ReasonCode.LETTERING_DIFFERS: "the lettering differs from the references'",
    ReasonCode.LOW_DETAIL: "fine detail of the references is lost",
    ReasonCode.STRUCTURE_DIFFERS: "the drawing of the mark differs from the references'",
}


def _photo_of(best: Recognition, found: Sequence[Sequence[Recognition]]) -> int:
    return next(index for index, per_photo in enumerate(found) if any(r is best for r in per_photo))


def _claim_reasons(claimed: str | None, seen: set[str]) -> list[Reason]:
    if claimed is None or claimed in seen:
        return []
    reasons = [Reason(ReasonCode.CLAIMED_BRAND_ABSENT, f"no mark of the claimed brand {claimed!r} was recognised")]
    if seen:
        others = ", ".join(sorted(seen))
        reasons.append(Reason(ReasonCode.CLAIMED_BRAND_CONTRADICTED, f"the photos show the mark of {others}"))
    return reasons


def _findings(per_photo: Sequence[Recognition]) -> PhotoFindings:
    return PhotoFindings(tuple(_finding(r) for r in per_photo if r.recognition > 0))


def _finding(r: Recognition) -> Finding:
    if r.template is None or r.sighting is None or r.divergence is None:
        whole = r.look.regions[0]
        return Finding(whole.box, r.brand, r.score, "", r.recognition, whole.source)
    evidence = Evidence(r.sighting.registered.pixels, r.template.stack[r.divergence.nearest], r.divergence.heat)
    return Finding(
        box=_box_of_map(r.template.mark, r.sighting),
        brand=r.brand,
        divergence=r.score,
        nearest_reference=r.template.reference_ids[r.divergence.nearest],
        recognition=r.recognition,
        source="local_features",
        evidence=evidence,
    )


def _map_for(code: ReasonCode, found: Divergence) -> NDArray[np.float32]:
    maps = {
        ReasonCode.PART_MISSING: found.missing,
        ReasonCode.PART_ADDED: found.added,
        ReasonCode.COLOUR_OFF: found.colour,
    }
    chosen = maps.get(code, found.heat)
    return (chosen > 0.6 * max(float(chosen.max()), 1e-6)).astype(np.float32)


def _box_of_map(where: NDArray[np.float32], sighting: Sighting) -> tuple[float, float, float, float]:
    """Bounding box in the photo, fractions, of what a frame map `[S, S]` marks."""
    x, y, w, h = cv2.boundingRect((where > 0.5).astype(np.uint8))
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
    placed = project(np.asarray(np.linalg.inv(sighting.registered.homography), np.float64), corners) / np.array(
        sighting.photo_px, np.float32
    )
    low, high = np.clip(placed.min(axis=0), 0, 1), np.clip(placed.max(axis=0), 0, 1)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
