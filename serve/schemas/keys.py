"""What goes over the wire about keys. No answer but the one to its making holds a key."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from index.keys import LONGEST_OVERLAP, Issued
from index.store import SCOPES, ApiKey, Grant, Scope
from serve.schemas.wire import Wire

HOUR_S = 3600
LONGEST_OVERLAP_HOURS = LONGEST_OVERLAP.total_seconds() / HOUR_S


class KeyRequest(Wire):
    """A key to issue."""

    scopes: list[Scope]
    organisation: str | None = None  # operator; default: the caller's
    brand: str | None = None  # narrowed to this one of the organisation's
    label: str = Field("", max_length=200)  # for people
    expires_at: AwareDatetime | None = None  # default: never

    def grant(self, organisation: str, brand: str | None) -> Grant:
        """What is asked for, of this organisation and this brand."""
        scopes = tuple(scope for scope in SCOPES if scope in self.scopes)
        return Grant(organisation, scopes, brand, self.label, self.expires_at)


class RotationRequest(Wire):
    """How to pass from an old key to a new one."""

    overlap_hours: Annotated[float, Field(ge=0, le=LONGEST_OVERLAP_HOURS)] = 24.0  # that the old one is accepted still
    expires_at: AwareDatetime | None = None  # of the new one; default: never


class KeyResponse(Wire):
    """A key that was issued. It opens nothing once it is revoked or past its time."""

    id: str  # part of the key, and no secret
    organisation: str
    scopes: list[Scope]
    brand: str | None
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None  # id of the key that it was rotated to

    @classmethod
    def from_domain(cls, key: ApiKey) -> "KeyResponse":
        """As stored."""
        return cls(**_fields(key))


class IssuedResponse(KeyResponse):
    """A key that was just issued, shown this once: only its hash is kept."""

    key: str

    @classmethod
    def of(cls, issued: Issued) -> "IssuedResponse":
        """As issued."""
        return cls(**_fields(issued.key), key=issued.secret)


class KeysResponse(Wire):
    """An organisation's keys, oldest first."""

    organisation: str
    keys: list[KeyResponse]


def _fields(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "organisation": key.grant.organisation,
        "scopes": list(key.grant.scopes),
        "brand": key.grant.brand,
        "label": key.grant.label,
        "created_at": key.created,
        "expires_at": key.grant.expires,
        "revoked_at": key.revoked,
        "replaced_by": key.replaced_by,
    }
