"""Roll-outs over HTTP: a brand's set as it is judges a share of listings, and an earlier version the others."""

from typing import Annotated

from fastapi import APIRouter, Depends

from index.store import Rollout
from serve.auth import Caller
from serve.doors import Anyone, OwnBrand, json_body
from serve.routes.openapi import PROBLEM
from serve.schemas.rollouts import PromotionResponse, RolloutRequest, RolloutResponse
from serve.schemas.versions import RestorationResponse
from serve.service import Running, Service

router = APIRouter(prefix="/v1/brands/{brand}/rollout", responses=PROBLEM, tags=["control"])


@router.put("")
def put_rollout(
    running: Running,
    who: Anyone,
    brand: OwnBrand,
    body: Annotated[RolloutRequest, Depends(json_body(RolloutRequest))],
) -> RolloutResponse:
    """Begin a roll-out, or give the one under way another share."""
    most = running.settings.limits.rollouts
    rollout, change = running.store.rollouts.put(brand, body.share, body.baseline, body.seed, most)
    running.builder.changed(change.version)
    return _told(rollout, who, running)


@router.get("")
def read_rollout(running: Running, who: Anyone, brand: OwnBrand) -> RolloutResponse:
    """The roll-out under way, and what each version made of its listings."""
    return _told(running.store.rollouts.of(brand), who, running)


@router.post("/promote")
def promote(running: Running, brand: OwnBrand) -> PromotionResponse:
    """End the roll-out: the set as it is judges all listings."""
    change = running.store.rollouts.promote(brand)
    running.builder.changed(change.version)
    return PromotionResponse(brand=brand, version=change.version)


@router.post("/abandon")
def abandon(running: Running, brand: OwnBrand) -> RestorationResponse:
    """End the roll-out: the baseline judges all listings from the next request on, and the set becomes what it was."""
    restoration = running.store.rollouts.abandon(brand)
    running.builder.changed(restoration.version)
    return RestorationResponse.from_domain(brand, restoration)


def _told(rollout: Rollout, who: Caller, running: Service) -> RolloutResponse:
    """With the counts of the caller's organisation's inspections; to the operator, of all."""
    organisation = None if who.may("operator") else who.organisation
    return RolloutResponse.from_domain(rollout, running.store.rollouts.counts(rollout, organisation))
