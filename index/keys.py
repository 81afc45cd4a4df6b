"""API keys: how they are made, what is kept of them, and which grants make sense.

A key is `ts_<id>_<secret>` with a secret of 256 random bits: nobody guesses it, so a plain hash hides it, and its id
says which row to compare it with.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from index.store import ApiKey, Grant, Store
from index.store.tenants import SCOPES
from vision.errors import GrantInvalid

DAY = timedelta(days=1)
LONGEST_OVERLAP = 90 * DAY
_FORM = re.compile(r"ts_([0-9a-f]{12})_[\w-]{43}")
_OLD_ID = 16  # characters: keys issued before there were ids go by the start of their hash
# A narrowed key must not be able to make itself one that is not, and a wide one is nothing to narrow.
_NOT_NARROWED = ("admin", "inspect:all", "evidence:all", "operator")


@dataclass(frozen=True)
class Issued:
    """A key that was just made: the only time it is seen."""

    secret: str
    key: ApiKey


def issue(store: Store, grant: Grant) -> Issued:
    """A new key. Errors: `GrantInvalid`, `OrganisationUnknown`, `BrandUnknown`."""
    require_sensible(grant)
    key, secret = _mint()
    return Issued(secret, store.keys.add(key, digest(secret), grant))


def rotate(store: Store, key: str, overlap: timedelta, expires: datetime | None = None) -> Issued:
    """A new key with the rights of an old one, which is accepted for the overlap still.

    Errors: `GrantInvalid`, `IssuedKeyUnknown`, `KeyEnded`.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise GrantInvalid(f"an overlap of {overlap / DAY:g} days is outside 0 to {LONGEST_OVERLAP.days}; choose less")
    _require_ahead(expires)
    new, secret = _mint()
    return Issued(secret, store.keys.rotate(key, new, digest(secret), datetime.now(UTC) + overlap, expires))


def require_sensible(grant: Grant) -> None:
    """Refuse a grant that opens nothing, is over already, or is narrowed and wide at once; `GrantInvalid`."""
    if not grant.scopes:
        raise GrantInvalid(f"a key without a scope opens nothing; choose from {', '.join(SCOPES)}")
    wide = [scope for scope in grant.scopes if scope in _NOT_NARROWED]
    if grant.brand is not None and wide:
        raise GrantInvalid(f"a key of one brand cannot have {', '.join(wide)}; leave out the brand or the scope")
    _require_ahead(grant.expires)


def _require_ahead(expires: datetime | None) -> None:
    if expires is not None and expires <= datetime.now(UTC):
        raise GrantInvalid(f"{expires.isoformat(timespec='seconds')} is past; name a time that is to come")


def _mint() -> tuple[str, str]:
    """The id and the whole of a new key."""
    key = secrets.token_hex(6)
    return key, f"ts_{key}_{secrets.token_urlsafe(32)}"


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def id_of(key: str) -> str:
    """The id under which a key would be found; whether it is that key, its hash says."""
    formed = _FORM.fullmatch(key)
    return formed[1] if formed else digest(key)[:_OLD_ID]
