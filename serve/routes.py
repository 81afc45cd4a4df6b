"""The fixed HTTP interface, a function an endpoint. Each passes its doors, hands the work on and answers."""

from contextlib import suppress
from functools import partial
from importlib.resources import files
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from serve import enrolling, listing
from serve.doors import Admin, BrandTeam, OwnBrand, Pipeline, Reviewer, json_body
from serve.listing import Listing
from serve.recorded import evidence_page, evidence_to, inspection_of
from serve.schemas import (
    BrandRequest,
    BrandResponse,
    BrandsResponse,
    HealthResponse,
    InspectionResponse,
    Problem,
    ReadyResponse,
    ReferencesResponse,
    WithdrawalResponse,
)
from serve.service import Running
from serve.uploads import form_limits, read_form
from vision.errors import NotReady, StoreUnavailable

PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "A problem (RFC 9457); docs/api.md lists the codes."}
}
# The evidence page loads nothing and runs nothing, whatever a file was named.
CSP, ONLY_INLINE = "Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
TEXT_FIELDS = ("claimed_brand", "unbranded", "listing_id", "seller_id")

router = APIRouter(responses=PROBLEM)


def form_schema(files_field: str, texts: tuple[str, ...] = (), most: int | None = None) -> dict[str, Any]:
    """The OpenAPI description of a form, which the framework cannot infer since it does not read it."""
    photos: dict[str, Any] = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
    if most is not None:
        photos["maxItems"] = most
    properties = {files_field: photos, **{name: {"type": "string"} for name in texts}}
    schema = {"type": "object", "required": [files_field], "properties": properties, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


# --- inspections --------------------------------------------------------------------------------


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


# --- brands and references ----------------------------------------------------------------------


@router.put("/v1/brands/{brand}", tags=["brands"])
def put_brand(
    brand: str, running: Running, who: Admin, body: Annotated[BrandRequest, Depends(json_body(BrandRequest))]
) -> BrandResponse:
    """Create a brand (operator), or rename it; with `issue_key`, also make a key for its team."""
    return enrolling.put_brand(brand, body, who, running)


@router.get("/v1/brands", tags=["brands"])
def read_brands(running: Running, who: BrandTeam) -> BrandsResponse:
    """The caller's brands; to the operator, all."""
    return BrandsResponse(brands=enrolling.brands(who, running))


@router.get("/v1/brands/{brand}/references", tags=["references"])
def read_references(running: Running, brand: OwnBrand) -> ReferencesResponse:
    """A brand's reference set."""
    return enrolling.references(brand, running)


@router.get(
    "/v1/brands/{brand}/references/{reference}/image",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The photo as uploaded."}},
    tags=["references"],
)
def read_reference_image(reference: str, running: Running, brand: OwnBrand) -> Response:
    """One reference photo, byte for byte as uploaded; also one that the set holds no more, until it is withdrawn."""
    stored = running.store.versions.kept(brand, reference)
    return Response(running.store.blob(stored.sha256), media_type=f"image/{stored.format}")


@router.delete("/v1/brands/{brand}/references", tags=["references"])
def delete_references(running: Running, brand: OwnBrand) -> WithdrawalResponse:
    """Withdraw a brand's whole reference set."""
    return enrolling.withdraw_all(brand, running)


@router.delete("/v1/brands/{brand}/references/{reference}", tags=["references"])
def delete_reference(reference: str, running: Running, brand: OwnBrand) -> WithdrawalResponse:
    """Withdraw one reference."""
    return enrolling.withdraw(brand, reference, running)


# --- health -------------------------------------------------------------------------------------


@router.get("/health", tags=["health"])
async def health() -> HealthResponse:
    """The process is alive."""
    return HealthResponse()


@router.get("/ready", tags=["health"])
async def ready(running: Running) -> ReadyResponse:
    """Inspections work now: a photo came through, and the gallery is there and fresh."""
    settings, builder = running.settings, running.builder
    snapshot = running.desk.current()
    if builder.lag_s > settings.fresh_within_s:
        raise NotReady(
            f"a change has not become searchable for {builder.lag_s:.0f} s (limit {settings.fresh_within_s:g} s). "
            "The log says why the gallery was not built."
        )
    await running.canary.prove(running.inspections, settings.canary_max_age_s, settings.canary_timeout_s)
    return ReadyResponse(
        gallery_version=snapshot.gallery.version,
        gallery_store_version=snapshot.gallery.store_version,
        store_version=await run_in_threadpool(running.store.version),
        put_to_searchable_s=builder.last_put_to_searchable_s,
        canary_age_s=running.canary.age_s,
        embedder=snapshot.gallery.embedder,
        brands=len(snapshot.gallery.brands),
        unreadable_references=len(snapshot.gallery.unreadable),
    )


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}, tags=["health"])
def metrics(running: Running) -> Response:
    """Counts and times for Prometheus."""
    running.metrics.queue_depth.labels("inspections").set(running.inspections.taken)
    running.metrics.queue_depth.labels("uploads").set(running.uploads.taken)
    with suppress(StoreUnavailable):  # then it stays as it was seen last
        running.metrics.store_version.set(running.store.version())
    running.metrics.gallery_store_version.set(running.builder.searchable_version)
    running.metrics.gallery_lag_seconds.set(running.builder.lag_s)
    return Response(running.metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def landing() -> str:
    """What runs here, and the first lines to try."""
    return files("serve").joinpath("pages/landing.html").read_text(encoding="utf-8")
