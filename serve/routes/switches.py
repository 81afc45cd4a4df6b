"""Switches over HTTP: a brand's team takes single references out of its set and puts them back."""

from fastapi import APIRouter

from index.store import Change
from serve.doors import OwnBrand
from serve.routes.openapi import PROBLEM
from serve.schemas.controls import StandingResponse, StandingsResponse, SwitchResponse
from serve.service import Running, Service

router = APIRouter(prefix="/v1/brands/{brand}", responses=PROBLEM, tags=["control"])


@router.post("/references/{reference}/off")
def switch_off(reference: str, running: Running, brand: OwnBrand) -> SwitchResponse:
    """Take a reference out of the set; its photo is kept. Matched no more within the answer's time."""
    return _switched(brand, reference, running.store.switches.off(brand, reference), running)


@router.post("/references/{reference}/on")
def switch_on(reference: str, running: Running, brand: OwnBrand) -> SwitchResponse:
    """Put a reference back, whether it was switched off, quarantined or set aside by going back to a version."""
    return _switched(brand, reference, running.store.switches.on(brand, reference), running)


@router.get("/standings")
def read_standings(running: Running, brand: OwnBrand) -> StandingsResponse:
    """Which references are off or quarantined, since when and why, and which are vouched for."""
    noted = running.store.switches.standings(brand)
    return StandingsResponse(brand=brand, standings=[StandingResponse.from_domain(each) for each in noted])


def _switched(brand: str, reference: str, change: Change, running: Service) -> SwitchResponse:
    running.builder.changed(change.version)
    return SwitchResponse(brand=brand, reference=reference, version=change.version, changed=change.count > 0)
