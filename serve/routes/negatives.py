"""Negative references over HTTP: marks that a brand knows and does not want flagged."""

from functools import partial

from fastapi import APIRouter, Response
from starlette.requests import Request

from index.negative_set import kind_of, take_in
from index.reference_set import receive
from serve.doors import OwnBrand
from serve.enrolling import KEPT, refuse_all_bad
from serve.form import Form
from serve.routes.openapi import PROBLEM, form_schema
from serve.schemas.brands import FileResponse
from serve.schemas.controls import (
    NegativesResponse,
    NegativeUploadResponse,
    NegativeWithdrawalResponse,
)
from serve.service import Running, Service
from serve.uploads import form_limits, read_form

KIND = "kind"

router = APIRouter(prefix="/v1/brands/{brand}/negatives", responses=PROBLEM, tags=["control"])


@router.post("", status_code=202, openapi_extra=form_schema("files", (KIND,)))
async def create_negatives(request: Request, running: Running, brand: OwnBrand) -> NegativeUploadResponse:
    """Add photos of marks not to be flagged, all of one `kind`. 202: they are durable, and in effect soon."""
    limits = running.settings.limits
    with running.uploads.slot():
        form = await read_form(
            request,
            form_limits(limits, "files", (KIND,), limits.reference_files, limits.upload_bytes),
        )
        return await running.uploads.run(partial(_enrol, brand, form, running))


@router.get("")
def read_negatives(running: Running, brand: OwnBrand) -> NegativesResponse:
    """A brand's negative references."""
    return NegativesResponse.from_domain(brand, running.store.negatives.of(brand))


@router.get(
    "/{negative}/image",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The photo as uploaded."}},
)
def read_negative_image(negative: str, running: Running, brand: OwnBrand) -> Response:
    """One negative reference, byte for byte as uploaded."""
    photo = running.store.negatives.kept(brand, negative).photo
    return Response(running.store.blob(photo.sha256), media_type=f"image/{photo.format}")


@router.delete("/{negative}")
def delete_negative(negative: str, running: Running, brand: OwnBrand) -> NegativeWithdrawalResponse:
    """Withdraw one for good; its photo is erased, and what it explained is flagged again."""
    change = running.store.negatives.withdraw(brand, negative)
    running.builder.changed(change.version)
    return NegativeWithdrawalResponse.from_domain(brand, change)


def _enrol(brand: str, form: Form, service: Service) -> NegativeUploadResponse:
    kind = kind_of(form.fields.get(KIND))
    received = [receive(file.name, file.data, service.desk.limits) for file in form.files]
    refuse_all_bad(received)
    taken = take_in(service.store, brand, kind, received)
    service.builder.changed(taken.change.version)
    results = taken.admission.results
    return NegativeUploadResponse(
        brand=brand,
        version=taken.change.version,
        accepted=sum(result.status in KEPT for result in results),
        files=[FileResponse.from_domain(result) for result in results],
    )
