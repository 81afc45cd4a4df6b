"""Rescans and revisions over HTTP: what was looked at again, and which decisions are others by now."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from index.store import Rescan, RescanState, Revision
from serve.auth import organisation_of
from serve.doors import OwnBrand, Reviewer
from serve.recorded import inspection_of
from serve.routes.openapi import PROBLEM
from serve.schemas.inspections import InspectionResponse
from serve.schemas.wire import Wire
from serve.service import Running
from vision.verdict import Decision

MOST_OF_ONE = 1000  # revisions of one inspection that are told

router = APIRouter(prefix="/v1", responses=PROBLEM, tags=["revisions"])


class RevisionResponse(Wire):
    """An inspection that is decided otherwise by now; it stays on record as it was answered."""

    number: int
    inspection: str
    revised_at: datetime
    changed: str  # brand whose change it was looked at again for
    cause: str  # what changed: an action of a version, `promoted` or `negatives`
    old_decision: Decision  # that stood before
    old_brand: str | None
    decision: Decision
    brand: str | None
    set_version: int | None  # of the brand's set that judged

    @classmethod
    def from_domain(cls, revision: Revision) -> "RevisionResponse":
        """As stored."""
        told = {name: value for name, value in vars(revision).items() if name not in ("created", "verdict")}
        return cls(revised_at=revision.created, **told)


class RevisionsResponse(Wire):
    """Revisions, newest first."""

    organisation: str
    revisions: list[RevisionResponse]
    next: int | None  # ask for those `before` this one; null: there are no more


class AnswersResponse(Wire):
    """What an inspection would have been answered, newest first."""

    inspection: str
    answers: list[InspectionResponse]


class RescanResponse(Wire):
    """A rescan. How many listings it looks at is told to whoever they belong to, by their revisions."""

    id: str
    version: int  # of the store, that has the change
    cause: str
    state: RescanState
    created_at: datetime
    finished_at: datetime | None
    fault: str | None

    @classmethod
    def from_domain(cls, rescan: Rescan) -> "RescanResponse":
        """As stored."""
        return cls(
            id=rescan.id,
            version=rescan.version,
            cause=rescan.cause,
            state=rescan.state,
            created_at=rescan.created,
            finished_at=rescan.finished,
            fault=rescan.fault,
        )


class RescansResponse(Wire):
    """A brand's newest rescans, newest first."""

    brand: str
    rescans: list[RescanResponse]


@router.get("/revisions")
def read_revisions(
    running: Running,
    who: Reviewer,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Revisions before this number.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    organisation: Annotated[str | None, Query(description="Operator; default: the caller's.")] = None,
) -> RevisionsResponse:
    """Which of an organisation's inspections are decided otherwise by now: old and new."""
    named = organisation_of(who, organisation, running.store)
    found = running.store.revisions.page(named, limit + 1, before, who.brand)
    told = [RevisionResponse.from_domain(each) for each in found[:limit]]
    return RevisionsResponse(organisation=named, revisions=told, next=told[-1].number if len(found) > limit else None)


@router.get("/inspections/{inspection}/revisions")
def read_revisions_of_one(inspection: str, running: Running, who: Reviewer) -> AnswersResponse:
    """What an inspection would have been answered by the sets of later, newest first, without pictures."""
    stored = inspection_of(who, inspection, running.store)
    found = running.store.revisions.page(stored.organisation, MOST_OF_ONE, inspection=stored.id)
    answers = [InspectionResponse.model_validate_json(each.verdict) for each in found]
    return AnswersResponse(inspection=stored.id, answers=answers)


@router.get("/brands/{brand}/rescans")
def read_rescans(running: Running, brand: OwnBrand) -> RescansResponse:
    """What was, or is to be, looked at again for a brand's changes."""
    found = running.store.rescans.of(brand)
    return RescansResponse(brand=brand, rescans=[RescanResponse.from_domain(each) for each in found])
