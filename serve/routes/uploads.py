"""Uploads of reference photos over HTTP."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from starlette.requests import Request

from index.metadata import FIELDS
from serve import enrolling, parcels
from serve.doors import OwnBrand
from serve.routes.openapi import PROBLEM, form_schema
from serve.schemas.brands import UploadResponse
from serve.schemas.jobs import JobResponse
from serve.service import Running
from serve.uploads import form_limits, read_form

# Sent with an upload by whoever may have to send it again; kept for a week.
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]

ZIP_TYPES = ("application/zip", "application/x-zip-compressed")

router = APIRouter(responses=PROBLEM, tags=["references"])


def upload_schema() -> dict[str, Any]:
    """The OpenAPI description of what an upload may be."""
    described = form_schema("files", FIELDS)
    form = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    form["properties"][enrolling.TABLE] = {"type": "string", "format": "binary"}
    described["requestBody"]["content"]["application/zip"] = {"schema": {"type": "string", "format": "binary"}}
    return described


@router.post(
    "/v1/brands/{brand}/references", status_code=202, response_model=UploadResponse, openapi_extra=upload_schema()
)
async def create_references(
    request: Request,
    running: Running,
    brand: OwnBrand,
    idempotency_key: IdempotencyKey = None,
    prefer: Annotated[str | None, Header(description="`respond-async`: be answered with a job (RFC 7240).")] = None,
    accept: Annotated[str, Query(description="Doubts to waive in a job: other_brand.", max_length=100)] = "",
) -> Response:
    """Add reference photos, as a form or a zip. 202: they are durable, and searchable soon, or looked at as a job."""
    limits, documents = running.settings.limits, (enrolling.TABLE,)
    with running.uploads.slot():
        if is_zip(request):
            file, sha256 = await parcels.spooled(request, running)
            take = partial(parcels.take_zip, brand, file, sha256, accept)
        else:
            allowed = form_limits(limits, "files", FIELDS, limits.reference_files, limits.upload_bytes, documents)
            form = await read_form(request, allowed)
            now = "respond-async" not in (prefer or "")
            take = partial(enrolling.enrol, brand, form) if now else partial(parcels.take_form, brand, form, accept)
        answer = await running.uploads.run(partial(take, idempotency_key, running))
    return Response(answer, status_code=202, media_type="application/json")


def is_zip(request: Request) -> bool:
    """Whether the body is one."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in ZIP_TYPES


@router.get("/v1/brands/{brand}/answers/{idempotency_key}", response_model=UploadResponse)
def read_answer(running: Running, brand: OwnBrand, idempotency_key: str) -> Response:
    """What the upload with this idempotency key was answered, so that it need not be sent again to know."""
    return Response(running.store.jobs.answered(brand, idempotency_key), media_type="application/json")


@router.get("/v1/brands/{brand}/jobs/{job}")
def read_job(
    running: Running,
    brand: OwnBrand,
    job: str,
    first: Annotated[int, Query(ge=0, le=2**31 - 1, description="Place of the first file to tell of.")] = 0,
    most: Annotated[int, Query(ge=0, le=1000, description="Files to tell of, at most.")] = 1000,
) -> JobResponse:
    """How an upload job stands, and what became of its files."""
    return parcels.job(brand, job, first, most, running)
