"""Keys over HTTP: an organisation's admin issues, lists, rotates and revokes its own."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from index import keys
from index.reference_set import brand_id
from index.store import ApiKey
from index.store.tenants import OF_TENANTS
from serve.auth import Caller, brand_of, organisation_of, require_scope
from serve.doors import Admin, json_body
from serve.routes.openapi import PROBLEM
from serve.schemas.keys import IssuedResponse, KeyRequest, KeyResponse, KeysResponse, RotationRequest
from serve.service import Running
from vision.errors import IssuedKeyUnknown

router = APIRouter(prefix="/v1/keys", responses=PROBLEM, tags=["keys"])
OfOrganisation = Annotated[str | None, Query(description="Operator; default: the caller's.")]


def own_key(key: str, who: Admin, running: Running) -> ApiKey:
    """The path's key, which is one of the caller's organisation; refuses with 403 or 404."""
    found = running.store.keys.find(key)
    if found is None or not who.owns(found.grant.organisation):
        raise IssuedKeyUnknown(f"there is no key with the id {key[:80]!r}, or it is not yours. List your keys.")
    if "operator" in found.grant.scopes:  # else an admin beside the operator could make itself one
        require_scope(who, "operator")
    return found


OwnKey = Annotated[ApiKey, Depends(own_key)]


@router.post("", status_code=201)
def create_key(
    running: Running, who: Admin, body: Annotated[KeyRequest, Depends(json_body(KeyRequest))]
) -> IssuedResponse:
    """Issue a key, shown this once."""
    organisation = organisation_of(who, body.organisation, running.store)
    brand = None if body.brand is None else brand_of(who, brand_id(body.brand), running.store).id
    require_grantable(who, body)
    return IssuedResponse.of(keys.issue(running.store, body.grant(organisation, brand)))


def require_grantable(who: Caller, body: KeyRequest) -> None:
    """An admin grants what stays within its organisation's walls, the operator anything."""
    if not set(body.scopes) <= set(OF_TENANTS):
        require_scope(who, "operator")


@router.get("")
def read_keys(running: Running, who: Admin, organisation: OfOrganisation = None) -> KeysResponse:
    """An organisation's keys, those that are over included; never the keys themselves."""
    named = organisation_of(who, organisation, running.store)
    return KeysResponse(organisation=named, keys=[KeyResponse.from_domain(key) for key in running.store.keys.of(named)])


@router.post("/{key}/rotate", status_code=201)
def rotate_key(
    running: Running, key: OwnKey, body: Annotated[RotationRequest, Depends(json_body(RotationRequest))]
) -> IssuedResponse:
    """Issue a key with the same rights; the old one is accepted for the overlap still."""
    overlap = timedelta(hours=body.overlap_hours)
    return IssuedResponse.of(keys.rotate(running.store, key.id, overlap, body.expires_at))


@router.delete("/{key}")
def revoke_key(running: Running, key: OwnKey) -> KeyResponse:
    """Accept a key no more, from the next request on."""
    return KeyResponse.from_domain(running.store.keys.revoke(key.id))
