"""Organisations over HTTP: the operator takes them in; each sees itself."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from index.organisation import organisation_id
from index.store import Organisation
from serve.doors import Admin, Operator, json_body
from serve.routes.openapi import PROBLEM
from serve.schemas.wire import Wire
from serve.service import Running

router = APIRouter(prefix="/v1/organisations", responses=PROBLEM, tags=["organisations"])


class OrganisationRequest(Wire):
    """What to know of an organisation. All of it optional."""

    name: str | None = Field(None, min_length=1, max_length=200)  # as people write it; default: the id


class OrganisationResponse(Wire):
    """An organisation."""

    organisation: str
    name: str
    created_at: datetime

    @classmethod
    def from_domain(cls, organisation: Organisation) -> "OrganisationResponse":
        """As stored."""
        return cls(organisation=organisation.id, name=organisation.name, created_at=organisation.created)


class OrganisationsResponse(Wire):
    """The organisations that the caller may see."""

    organisations: list[OrganisationResponse]


@router.get("")
def read_organisations(running: Running, who: Admin) -> OrganisationsResponse:
    """The caller's organisation; to the operator, all."""
    found = [each for each in running.store.organisations.all() if who.owns(each.id)]
    return OrganisationsResponse(organisations=[OrganisationResponse.from_domain(each) for each in found])


@router.put("/{organisation}")
def put_organisation(
    organisation: str,
    running: Running,
    who: Operator,
    body: Annotated[OrganisationRequest, Depends(json_body(OrganisationRequest))],
) -> OrganisationResponse:
    """Take in an organisation, or rename it."""
    made = running.store.organisations.put(organisation_id(organisation), body.name)
    return OrganisationResponse.from_domain(made)
