"""What is on record of an inspection, read back for whoever may see it."""

import json

from index.store import Inspection, Store
from serve.auth import Caller, require_scope
from serve.schemas.inspections import InspectionResponse
from vision.errors import EvidenceAbsent, InspectionUnknown
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


def inspection_of(who: Caller, inspection: str, store: Store) -> Inspection:
    """An inspection that is the caller's; `InspectionUnknown`, the same for one that is another's."""
    try:
        found = store.inspections.get(inspection)
    except InspectionUnknown:
        found = None
    if found is None or not who.made(found):
        raise InspectionUnknown(f"inspection {inspection!r} is unknown. Use an `id` that you were answered.")
    return found


def evidence_to(who: Caller, inspection: Inspection, store: Store) -> bytes:
    """The evidence picture (PNG). It shows a reference, so it takes a scope where that is another organisation's.

    Errors: `EvidenceAbsent`, `ScopeMissing`.
    """
    if inspection.evidence is None:
        raise EvidenceAbsent(
            f"inspection {inspection.id!r} found no mark to show. `evidence` in its answer is null then."
        )
    shown = json.loads(inspection.verdict)["brand"]
    if shown is None or not who.owns(store.brand(shown).organisation):
        require_scope(who, "evidence:all")
    return inspection.evidence
