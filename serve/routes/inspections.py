"""Inspections over HTTP: made, read, shown, listed."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from index.reference_set import brand_id
from index.store import Arm, InspectionLine, Outcome
from index.store.inspections import Wanted
from serve import listing
from serve.auth import organisation_of
from serve.doors import Pipeline, Reviewer
from serve.listing import Listing
from serve.recorded import evidence_page, evidence_to, inspection_of
from serve.routes.openapi import PROBLEM, form_schema
from serve.schemas.inspections import InspectionResponse
from serve.schemas.wire import Wire
from serve.service import Running
from serve.uploads import form_limits, read_form
from vision.verdict import Decision

# The evidence page loads nothing and runs nothing, whatever a file was named.
CSP, ONLY_INLINE = "Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
TEXT_FIELDS = ("claimed_brand", "unbranded", "listing_id", "seller_id")

router = APIRouter(responses=PROBLEM)


@router.post("/v1/inspections", openapi_extra=form_schema("photos", TEXT_FIELDS, 12), tags=["inspections"])
async def create_inspection(request: Request, running: Running, who: Pipeline) -> InspectionResponse:
    """Inspect the 1 to 12 photos of one listing."""
    limits = running.settings.limits
    with running.inspections.slot():
        form = await read_form(
            request,
            form_limits(limits, "photos", TEXT_FIELDS, limits.photos, limits.inspection_bytes),
        )
        return await running.inspections.run(partial(listing.inspect, Listing.of(form), who, running))


@router.get("/v1/inspections/{inspection}", response_model=InspectionResponse, tags=["inspections"])
def read_inspection(inspection: str, running: Running, who: Reviewer) -> Response:
    """An inspection as it was answered."""
    return Response(inspection_of(who, inspection, running.store).verdict, media_type="application/json")


@router.get(
    "/v1/inspections/{inspection}/evidence",
    response_class=Response,
    responses={
        200: {
            "content": {"image/png": {}, "text/html": {}},
            "description": "Listing beside reference, and where they differ; with `format=html` as a page.",
        }
    },
    tags=["inspections"],
)
def read_evidence(
    inspection: str,
    running: Running,
    who: Reviewer,
    form: Annotated[Literal["png", "html"], Query(alias="format")] = "png",
) -> Response:
    """The evidence of an inspection: a picture, or a page in one file."""
    stored = inspection_of(who, inspection, running.store)
    evidence = evidence_to(who, stored, running.store)
    if form == "html":
        return HTMLResponse(evidence_page(stored.verdict, evidence), headers={CSP: ONLY_INLINE})
    return Response(evidence, media_type="image/png")


# --- listed -------------------------------------------------------------------------------------


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


@router.get("/v1/inspections", tags=["inspections"])
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
