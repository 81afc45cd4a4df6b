"""Reviews over HTTP: what a person found of an inspection, said for a brand."""

from typing import Annotated

from fastapi import APIRouter, Depends

from serve.doors import Judge, JudgedBrand, json_body
from serve.recorded import inspection_of
from serve.routes.openapi import PROBLEM
from serve.schemas.reviews import ReviewRequest, ReviewResponse, ReviewsResponse
from serve.service import Running

router = APIRouter(prefix="/v1/brands/{brand}/reviews", responses=PROBLEM, tags=["reviews"])


@router.put("/{inspection}")
def put_review(
    inspection: str,
    running: Running,
    who: Judge,
    brand: JudgedBrand,
    body: Annotated[ReviewRequest, Depends(json_body(ReviewRequest))],
) -> ReviewResponse:
    """Confirm what a listing was, in place of what was found before. Photos of counterfeits are no references then."""
    found = inspection_of(who, inspection, running.store)
    return ReviewResponse.from_domain(running.store.reviews.put(found.id, brand, body.finding))


@router.get("")
def read_reviews(running: Running, who: Judge, brand: JudgedBrand) -> ReviewsResponse:
    """What was found of the caller's inspections for a brand, newest first."""
    found = running.store.reviews.of(brand)
    mine = [each for each in found if who.owns(each.organisation) and who.brand in (None, each.within)]
    return ReviewsResponse(brand=brand, reviews=[ReviewResponse.from_domain(each) for each in mine])
