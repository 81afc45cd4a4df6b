"""The verdict: what was decided about a listing, on what evidence, at what error rate."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Decision(StrEnum):
    """The four answers. None of them says "counterfeit": only people confirm."""

    CONSISTENT = "consistent"  # brand recognised, like the genuine
    DIVERGENT = "divergent"  # brand recognised, unlike the genuine: the flag
    UNRECOGNISED = "unrecognised"  # no enrolled mark found
    UNDECIDED = "undecided"  # mark found, evidence or calibration too thin, or a known look-alike is seen


class ReasonCode(StrEnum):
    """Closed list of reasons; each is a heading in docs/reasons.md."""

    SHAPE_DISTORTED = "shape_distorted"
    COLOUR_OFF = "colour_off"
    PART_MISSING = "part_missing"
    PART_ADDED = "part_added"
    STROKE_WEIGHT = "stroke_weight"
    MIRRORED = "mirrored"
    LETTERING_DIFFERS = "lettering_differs"
    LOW_DETAIL = "low_detail"
    STRUCTURE_DIFFERS = "structure_differs"
    THIN_EVIDENCE = "thin_evidence"
    THIN_CALIBRATION = "thin_calibration"
    CLAIMED_BRAND_ABSENT = "claimed_brand_absent"
    CLAIMED_BRAND_CONTRADICTED = "claimed_brand_contradicted"
    UNCLAIMED_MARK = "unclaimed_mark"
    SEVERAL_BRANDS = "several_brands"
    PHOTOS_DISAGREE = "photos_disagree"
    NO_MARK_FOUND = "no_mark_found"
    KNOWN_LOOK_ALIKE = "known_look_alike"


FAULTS = (  # the reasons that say what is wrong with a drawing, in the order in which models answer
    ReasonCode.COLOUR_OFF,
    ReasonCode.STROKE_WEIGHT,
    ReasonCode.SHAPE_DISTORTED,
    ReasonCode.MIRRORED,
    ReasonCode.PART_MISSING,
    ReasonCode.PART_ADDED,
    ReasonCode.LOW_DETAIL,
    ReasonCode.LETTERING_DIFFERS,
)


@dataclass(frozen=True)
class Reason:
    """One named reason, in words, with where it was seen."""

    code: ReasonCode
    detail: str  # a sentence for a person
    photo: int | None = None  # index of the photo it was seen in
    box: tuple[float, float, float, float] | None = None  # x0 y0 x1 y1, fractions 0..1 of the photo
    reference: str | None = None  # id of the negative reference that it is about


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a person looks at: listing and reference in one frame, and where they differ."""

    listing: NDArray[np.uint8]  # [S, S, 3] listing photo warped into the reference's frame
    reference: NDArray[np.uint8]  # [S, S, 3] best-aligned genuine reference
    heat: NDArray[np.float32]  # [S, S] divergence 0..1, 0 outside the mark


@dataclass(frozen=True)
class Finding:
    """One mark found in one photo."""

    box: tuple[float, float, float, float]  # x0 y0 x1 y1, fractions 0..1
    brand: str
    divergence: float  # nonconformity, larger = less like the genuine
    nearest_reference: str  # reference id
    recognition: float  # evidence that this is the brand's mark, larger = surer
    source: str  # what proposed the region: local_features of the whole photo | detector | gallery | whole | window
    source_score: float | None = None  # 0..1, how sure the source was; None of local features of the whole photo
    evidence: Evidence | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class PhotoFindings:
    """The marks found in one photo, strongest first."""

    regions: tuple[Finding, ...]
    copy_of: int | None = None  # index of the photo that it is a copy of, which stands for it


@dataclass(frozen=True)
class Rate:
    """The error rate behind a decision."""

    p_value: float | None  # conformal p in [1/(n+1), 1]; None where none can be given
    alpha: float  # allowed share of genuine listings flagged
    n: int  # independent calibration units
    source: str  # listings | simulated | pooled | none
    bound: float | None  # 95% upper bound on the false-flag rate at the threshold used


@dataclass(frozen=True)
class Verdict:
    """The answer about one listing."""

    decision: Decision
    brand: str | None  # best recognised brand, also when undecided; None when unrecognised
    score: float | None  # nonconformity, larger = less like the genuine
    rate: Rate
    reasons: tuple[Reason, ...]
    photos: tuple[PhotoFindings, ...]
    gallery_version: str
    embedder: str  # fingerprint
    considered: tuple[str, ...] = ()  # brands that the photos may have been held against, whatever came of it
