"""An organisation's inspections over HTTP, listed."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from index.reference_set import brand_id
from index.store import Arm, InspectionLine, Outcome
from index.store.inspections import Wanted
from serve.auth import organisation_of
from serve.doors import Reviewer
from serve.routes import PROBLEM
from serve.schemas import Wire
from serve.service import Running
from vision.verdict import Decision

router = APIRouter(prefix="/v1/inspections", responses=PROBLEM, tags=["inspections"])


class LineResponse(Wire):
    """An inspection in a line; `GET /v1/inspections/{id}` has all of it."""

    id: str
    created_at: datetime
    listing_id: str | None
    decision: Decision | None  # null: it was recorded without one
    brand: str | None
    set_version: int | None
    arm: Arm | None
    finding: Outcome | None  # of the person who reviewed it, if one did

    @classmethod
    def from_domain(cls, line: InspectionLine) -> "LineResponse":
        """As stored."""
        said = {name: value for name, value in vars(line).items() if name != "created"}
        return cls(created_at=line.created, **said)


class LinesResponse(Wire):
    """Inspections, newest first."""

    organisation: str
    inspections: list[LineResponse]
    next: str | None  # ask for those `after` this one; null: there are no more


@router.get("")
def read_inspections(
    running: Running,
    who: Reviewer,
    decision: Decision | None = None,
    brand: Annotated[str | None, Query(description="Recognised.")] = None,
    since: Annotated[datetime | None, Query(description="Made then or later; a time without a zone is UTC.")] = None,
    after: Annotated[str | None, Query(description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    organisation: Annotated[str | None, Query(description="Operator; default: the caller's.")] = None,
) -> LinesResponse:
    """The caller's organisation's inspections, newest first; of a key narrowed to a brand, those of keys like it."""
    named = organisation_of(who, organisation, running.store)
    wanted = Wanted(named, who.brand, decision, None if brand is None else brand_id(brand), _in_utc(since))
    found = running.store.inspections.page(wanted, limit + 1, after)
    lines = [LineResponse.from_domain(line) for line in found[:limit]]
    return LinesResponse(organisation=named, inspections=lines, next=lines[-1].id if len(found) > limit else None)


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
