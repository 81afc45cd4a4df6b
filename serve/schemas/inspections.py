"""Inspections over the wire."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from index.store import Arm
from serve.schemas.wire import Box, Wire
from vision.verdict import Decision, Finding, Reason, ReasonCode, Verdict


class PhotoError(Wire):
    """Why one photo could not be looked at."""

    code: str
    detail: str


class RegionResponse(Wire):
    """One mark found."""

    box: Box
    brand: str
    divergence: float  # larger = less like the genuine
    nearest_reference: str
    recognition: float  # larger = surer that this is the brand's mark
    source: str  # what proposed the region
    source_score: float | None = None  # 0..1, how sure that was

    @classmethod
    def from_domain(cls, finding: Finding) -> "RegionResponse":
        """As found."""
        return cls(
            box=finding.box,
            brand=finding.brand,
            divergence=finding.divergence,
            nearest_reference=finding.nearest_reference,
            recognition=finding.recognition,
            source=finding.source,
            source_score=finding.source_score,
        )


class PhotoResponse(Wire):
    """One photo as sent, in the order sent: the marks found in it, or why it could not be read."""

    name: str
    regions: list[RegionResponse] = Field(default=[])
    copy_of: int | None = None  # index into `photos` of the one that it is a copy of, which was looked at for both
    error: PhotoError | None = None


class ReasonResponse(Wire):
    """One named reason."""

    code: ReasonCode
    detail: str
    photo: int | None = None  # index into `photos`
    box: Box | None = None
    reference: str | None = None  # of a known look-alike: the negative reference that it resembles

    @classmethod
    def from_domain(cls, reason: Reason, sent: Sequence[int]) -> "ReasonResponse":
        """`sent` is the place among the photos sent of each photo that was inspected."""
        photo = None if reason.photo is None else sent[reason.photo]
        return cls(code=reason.code, detail=reason.detail, photo=photo, box=reason.box, reference=reason.reference)


class InspectionResponse(Wire):
    """The verdict about one listing. No answer says "counterfeit"; a person judges."""

    id: str
    created_at: datetime
    decision: Decision
    brand: str | None  # best recognised brand; null when unrecognised
    score: float | None  # nonconformity, larger = less like the genuine references
    p_value: float | None
    alpha: float  # allowed share of genuine listings flagged
    n: int  # independent calibration units
    source: str  # where the calibration came from
    bound: float | None  # 95% upper bound on the false-flag rate
    reasons: list[ReasonResponse]
    photos: list[PhotoResponse]
    gallery_version: str
    embedder: str
    set_version: int | None = None  # of the brand's set that judged; null where none was recognised
    arm: Arm | None = None  # which of two versions that is, where the set is being rolled out
    claimed_brand: str | None = None
    unbranded: bool = False  # the listing says that it is of no brand
    listing_id: str | None = None
    seller_id: str | None = None
    evidence: str | None = None  # path of the evidence picture; null where no mark was found

    @classmethod
    def from_domain(
        cls,
        verdict: Verdict,
        photos: Sequence[PhotoResponse],
        sent: Sequence[int],
        *,
        inspection: str,
        created_at: datetime,
        claimed_brand: str | None,
        unbranded: bool,
        listing_id: str | None,
        seller_id: str | None,
        set_version: int | None,
        arm: Arm | None,
        evidence: str | None,
    ) -> "InspectionResponse":
        """`photos` as sent, those that failed with their error; `sent` places the verdict's photos among them."""
        filled = list(photos)
        for place, found in zip(sent, verdict.photos, strict=True):
            regions = [RegionResponse.from_domain(finding) for finding in found.regions]
            copy_of = None if found.copy_of is None else sent[found.copy_of]
            filled[place] = filled[place].model_copy(update={"regions": regions, "copy_of": copy_of})
        return cls(
            id=inspection,
            created_at=created_at,
            decision=verdict.decision,
            brand=verdict.brand,
            score=verdict.score,
            p_value=verdict.rate.p_value,
            alpha=verdict.rate.alpha,
            n=verdict.rate.n,
            source=verdict.rate.source,
            bound=verdict.rate.bound,
            reasons=[ReasonResponse.from_domain(reason, sent) for reason in verdict.reasons],
            photos=filled,
            gallery_version=verdict.gallery_version,
            embedder=verdict.embedder,
            claimed_brand=claimed_brand,
            unbranded=unbranded,
            listing_id=listing_id,
            seller_id=seller_id,
            set_version=set_version,
            arm=arm,
            evidence=evidence,
        )
