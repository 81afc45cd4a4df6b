"""What is on record of an inspection, read back for its evidence page."""

from serve.schemas import InspectionResponse
from vision.evidence_page import Occasion, page
from vision.verdict import Rate, Reason, Verdict


def evidence_page(recorded: str, picture: bytes) -> str:
    """The page of an inspection, out of its answer as recorded (JSON) and its picture (PNG)."""
    answer = InspectionResponse.model_validate_json(recorded)
    return page(verdict_of(answer), occasion_of(answer), picture)


def verdict_of(answer: InspectionResponse) -> Verdict:
    """The verdict that was answered, without the regions of each photo."""
    return Verdict(
        decision=answer.decision,
        brand=answer.brand,
        score=answer.score,
        rate=Rate(answer.p_value, answer.alpha, answer.n, answer.source, answer.bound),
        reasons=tuple(Reason(reason.code, reason.detail, reason.photo, reason.box) for reason in answer.reasons),
        photos=(),
        gallery_version=answer.gallery_version,
        embedder=answer.embedder,
    )


def occasion_of(answer: InspectionResponse) -> Occasion:
    """What was inspected, and when."""
    names = [photo.name or f"photo {place}" for place, photo in enumerate(answer.photos, 1)]
    return Occasion(names, answer.created_at, answer.claimed_brand, answer.listing_id, answer.id)
