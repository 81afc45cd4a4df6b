"""Inspection: the product in one function, from photos to a verdict."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace

from vision.bundle import Bundle
from vision.calibration import Calibration, GenuineScores, Judge, Judgement
from vision.copies import originals
from vision.embedder import Embedder
from vision.errors import BundleInvalid
from vision.faults import reasons
from vision.faults.lettering import Lettering, Reader
from vision.faults.naming import Naming
from vision.fusion import Claim, Shown, claim_reasons, conflicts
from vision.look_alike import LookAlikes, reason_of
from vision.measures.comparator import Comparator
from vision.measures.divergence import PairComparator
from vision.photo import Photo
from vision.policy import Policy
from vision.recognition import Recogniser, Recognition, References
from vision.regions.detector import Detector, MarkDetector
from vision.scorer import Scorer
from vision.sighting import box_of
from vision.verdict import Decision, Evidence, Finding, PhotoFindings, Rate, Reason, ReasonCode, Verdict

_CONSIDERED = 24  # brands nearest to a photo: more than are tried, so that a rescan reaches further


class Inspector:
    """Decides about listings. Immutable and safe to share between threads."""

    def __init__(
        self,
        embedder: Embedder,
        references: References,
        scorer: Scorer,
        calibration: Calibration,
        policy: Policy | None = None,
        comparator: PairComparator | None = None,
        lettering: Lettering | None = None,
        detector: MarkDetector | None = None,
        naming: Naming | None = None,
    ) -> None:
        self.policy = policy or Policy()
        self.lettering = lettering if self.policy.read_lettering else None
        self.recogniser = Recogniser(embedder, references, scorer, self.policy, comparator, detector)
        self.calibration = calibration
        self.naming = naming
        self.look_alikes: LookAlikes | None = None

    @classmethod
    def of(
        cls,
        bundle: Bundle,
        embedder: Embedder,
        references: References,
        policy: Policy | None = None,
        reader: Reader | None = None,
    ) -> "Inspector":
        """The usual composition: scorer and calibration out of the bundle.

        `embedder` is the bundle's, perhaps behind a queue. With a `reader` flags name lettering that differs.
        """
        comparator, detector = comparator_of(bundle), detector_of(bundle)
        scorer, path = scorer_of(bundle, embedder.fingerprint, comparator, detector), bundle.part("calibration")
        if path is None:
            raise BundleInvalid(f"bundle {bundle.path.name} is not calibrated; run `python -m training.calibrate`")
        calibration = Calibration.load(path, scorer.fingerprint)
        lettering = None if reader is None else Lettering(reader)
        naming = naming_of(bundle)
        return cls(embedder, references, scorer, calibration, policy, comparator, lettering, detector, naming)

    def over(self, references: References) -> "Inspector":
        """The same, over other references; what it knows of look-alikes and brands' own scores stays."""
        other = copy(self)
        other.recogniser = self.recogniser.over(references)
        return other

    def with_own(self, scores: Mapping[str, Sequence[GenuineScores]]) -> "Inspector":
        """The same, holding brands to these scores of their own where there are enough."""
        other = copy(self)
        other.calibration = self.calibration.with_own(scores)
        return other

    def with_look_alikes(self, negatives: References) -> "Inspector":
        """The same, holding what it would flag against these negative references first."""
        other = copy(self)
        pooled = Calibration(self.calibration.pooled)  # the brand's own scores are of its own references
        other.look_alikes = LookAlikes(self.recogniser.over(negatives), pooled)
        return other

    def without_lettering(self) -> "Inspector":
        """The same, reading no lettering: decisions are the same, and what it would name goes unnamed."""
        other = copy(self)
        other.lettering = None
        return other

    def inspect(self, photos: Sequence[Photo], claimed_brand: str | None = None, unbranded: bool = False) -> Verdict:
        """Decide about a listing of one or more photos; `unbranded` where it says that it is of no brand.

        Where several photos show the brand, the one that shows it best decides, chosen before scores are
        compared, so that many photos do not make a flag likelier. A copy of another photo is not looked at again.
        """
        first = originals(photos)
        alone = [place == copied for place, copied in enumerate(first)]
        found = [
            self.recogniser.recognise(photo, claimed_brand) if looked else []
            for photo, looked in zip(photos, alone, strict=True)
        ]
        verdict = self.decide(found, claimed_brand, unbranded=unbranded)
        marked = (
            findings if looked else replace(findings, copy_of=copied)
            for findings, looked, copied in zip(verdict.photos, alone, first, strict=True)
        )
        return replace(verdict, photos=tuple(marked), considered=self._considered(found))

    def decide(
        self,
        found: Sequence[Sequence[Recognition]],
        claimed_brand: str | None = None,
        judge: Judge | None = None,
        unbranded: bool = False,
    ) -> Verdict:
        """The verdict of what `recognise` found in each photo, by the calibration or another judge."""
        best, claim = shown_best(found), Claim(claimed_brand, unbranded)
        if best is None:
            return self._unrecognised(found, claim)
        judge = judge or self.calibration
        judgement = self._judged(best, judge)
        shown = self._shown(found, judge)
        decision, why = self._decide(best, judgement, _photo_of(best, found))
        why += [*claim_reasons(claim, shown), *conflicts(shown)]
        return Verdict(
            decision=decision,
            brand=best.brand,
            score=best.score,
            rate=judgement.rate,
            reasons=tuple(why),
            photos=tuple(_findings(per_photo) for per_photo in found),
            gallery_version=self.recogniser.references.version,
            embedder=self.recogniser.embedder.fingerprint,
        )

    def _considered(self, found: Sequence[Sequence[Recognition]]) -> tuple[str, ...]:
        """What the photos may have been held against, by name: the brands near, and those that features speak for."""
        most = max(_CONSIDERED, self.policy.candidate_brands)
        looks = [(r.brand, *list(r.look.distances)[:most], *r.look.voted) for per_photo in found for r in per_photo]
        return tuple(sorted({brand for brands in looks for brand in brands}))

    def _judged(self, seen: Recognition, judge: Judge) -> Judgement:
        return judge.judge(seen.score, seen.brand, seen.references, self.policy.alpha)

    def _shown(self, found: Sequence[Sequence[Recognition]], judge: Judge) -> list[Shown]:
        """What each photo shows, with what it would be decided by itself where several could disagree."""
        several = sum(any(r.recognition > 0 for r in per_photo) for per_photo in found) > 1
        return [
            Shown(place, r.brand, r.recognition, self._judged(r, judge).flagged if several and r.template else None)
            for place, per_photo in enumerate(found)
            for r in per_photo
            if r.recognition > 0
        ]

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
        known = None if self.look_alikes is None else self.look_alikes.explaining(best)
        if known is not None:
            return Decision.UNDECIDED, [reason_of(known, photo)]
        return Decision.DIVERGENT, reasons.why(best, self.recogniser.scorer, photo, self.lettering, self.naming)

    def _unrecognised(self, found: Sequence[Sequence[Recognition]], claim: Claim) -> Verdict:
        why = [Reason(ReasonCode.NO_MARK_FOUND, "no enrolled mark was recognised in the photos")]
        why += claim_reasons(claim, [])
        return Verdict(
            decision=Decision.UNRECOGNISED,
            brand=None,
            score=None,
            rate=Rate(None, self.policy.alpha, 0, "none", None),
            reasons=tuple(why),
            photos=tuple(PhotoFindings(()) for _ in found),
            gallery_version=self.recogniser.references.version,
            embedder=self.recogniser.embedder.fingerprint,
        )


def shown_best(found: Sequence[Sequence[Recognition]]) -> Recognition | None:
    """The recognition that a verdict is about: of the brand shown best in any photo; None where none is recognised."""
    return max(_recognised(found), key=lambda r: r.recognition, default=None)


def _recognised(found: Sequence[Sequence[Recognition]]) -> list[Recognition]:
    """Of all photos, what is above the operating point."""
    return [r for per_photo in found for r in per_photo if r.recognition > 0]


def comparator_of(bundle: Bundle) -> Comparator | None:
    """The bundle's comparator, where it has one."""
    path = bundle.part("comparator")
    return Comparator(path) if path is not None else None


def detector_of(bundle: Bundle) -> Detector | None:
    """The bundle's detector of marks, where it has one."""
    path = bundle.part("detector")
    return Detector(path) if path is not None else None


def scorer_of(bundle: Bundle, embedder: str, comparator: Comparator | None, detector: MarkDetector | None) -> Scorer:
    """The bundle's scorer, which weighs what these models measure. Errors: `BundleInvalid` where it has none."""
    path = bundle.part("scorer")
    if path is None:
        raise BundleInvalid(
            f"bundle {bundle.path.name} holds an embedder only; fit its scorer with `python -m training.scorer`"
        )
    return Scorer.load(path, models_of(embedder, comparator, detector))


def naming_of(bundle: Bundle) -> Naming | None:
    """The bundle's closer look at flagged marks, where it has one."""
    path = bundle.part("naming")
    return Naming.load(path) if path is not None else None


def models_of(embedder: str, comparator: Comparator | None, detector: MarkDetector | None = None) -> str:
    """Names the models whose measures a scorer weighs."""
    named = f"{embedder}+{comparator.fingerprint if comparator else 'none'}"
    return f"{named}+{detector.fingerprint}" if detector else named


def _photo_of(best: Recognition, found: Sequence[Sequence[Recognition]]) -> int:
    return next(index for index, per_photo in enumerate(found) if any(r is best for r in per_photo))


def _findings(per_photo: Sequence[Recognition]) -> PhotoFindings:
    return PhotoFindings(tuple(_finding(r) for r in per_photo if r.recognition > 0))


def _finding(r: Recognition) -> Finding:
    if r.template is None or r.sighting is None or r.divergence is None:
        alike = r.look.resembling(r.brand)
        return Finding(alike.box, r.brand, r.score, "", r.recognition, alike.source, alike.score)
    spot = r.look.spot
    evidence = Evidence(r.sighting.registered.pixels, r.template.stack[r.divergence.nearest], r.divergence.heat)
    return Finding(
        box=box_of(r.template.mark, r.sighting),
        brand=r.brand,
        divergence=r.score,
        nearest_reference=r.template.reference_ids[r.divergence.nearest],
        recognition=r.recognition,
        source="local_features" if spot is None else spot.source,
        source_score=None if spot is None else spot.score,
        evidence=evidence,
    )
