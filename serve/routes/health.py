"""Whether the service works, what it counts, and its landing page."""

from contextlib import suppress
from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from serve.routes.openapi import PROBLEM
from serve.schemas.health import HealthResponse, ReadyResponse
from serve.service import Running
from vision.errors import NotReady, StoreUnavailable

router = APIRouter(responses=PROBLEM)


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
