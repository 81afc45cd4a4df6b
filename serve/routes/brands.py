"""Brands and their references over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from serve import enrolling
from serve.doors import Admin, BrandTeam, OwnBrand, json_body
from serve.routes.openapi import PROBLEM
from serve.schemas.brands import BrandRequest, BrandResponse, BrandsResponse, ReferencesResponse, WithdrawalResponse
from serve.service import Running

router = APIRouter(responses=PROBLEM)


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
