"""Who calls: API keys, their scopes, and an organisation's right to its own."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr

from index.keys import digest, id_of, issue
from index.store import OPERATOR, ApiKey, Brand, Grant, Inspection, Scope, Store
from index.store.tenants import INCLUDED
from vision.errors import (
    BrandUnknown,
    KeyExpired,
    KeyMissing,
    KeyRevoked,
    KeyUnknown,
    OrganisationUnknown,
    ScopeMissing,
)

# What the keys of the settings are for, by the setting's name. They are the operator's.
OF_SETTINGS: Mapping[str, tuple[Scope, ...]] = {
    "admin_key": ("operator",),
    "pipeline_key": ("inspect", "review", "inspect:all", "evidence:all"),
}
NOBODY = "0" * 64  # compared with where there is no such key, so that the answer takes as long


@dataclass(frozen=True)
class Caller:
    """Whoever holds a key."""

    key: str  # its id, or the setting's name
    organisation: str
    scopes: tuple[Scope, ...]
    brand: str | None = None  # narrowed to this one of the organisation's

    def may(self, scope: Scope) -> bool:
        """Whether the key has the scope, by itself or as part of another."""
        return scope in self.scopes or any(scope in INCLUDED.get(held, ()) for held in self.scopes)

    def owns(self, organisation: str) -> bool:
        """Whether what is this organisation's is the caller's; an operator has all."""
        return organisation == self.organisation or self.may("operator")

    def tends(self, brand: Brand) -> bool:
        """Whether the brand is the caller's."""
        return self.owns(brand.organisation) and self.brand in (None, brand.id)

    def made(self, inspection: Inspection) -> bool:
        """Whether the inspection is the caller's: made with a key of its organisation, of its brand if it has one."""
        return self.owns(inspection.organisation) and self.brand in (None, inspection.within)


class Keyring:
    """The keys that open this service: those configured, and those issued."""

    def __init__(self, store: Store, configured: Mapping[str, SecretStr | None]) -> None:
        self.store = store
        self.configured = {
            digest(key.get_secret_value()): Caller(name, OPERATOR, OF_SETTINGS[name])
            for name, key in configured.items()
            if key is not None
        }

    def caller(self, key: str | None) -> Caller:
        """Who holds this key. A wrong key costs what a right one does: one look-up, every comparison in constant time.

        Errors: `KeyMissing`, `KeyUnknown`; `KeyExpired`, `KeyRevoked`, which only the holder of the key is told.
        """
        if not key:
            raise KeyMissing("no API key came with the request. Send `Authorization: Bearer KEY`.")
        hashed = digest(key)
        issued = self.store.keys.find(id_of(key))
        is_issued = hmac.compare_digest(NOBODY if issued is None else issued.hash, hashed)
        same = [caller for known, caller in self.configured.items() if hmac.compare_digest(known, hashed)]
        if same:
            return same[0]
        if issued is None or not is_issued:
            raise KeyUnknown("the API key is not known. Check it, or have an admin issue another.")
        return holder(issued)

    def needs_operator(self) -> bool:
        """Whether nobody could run this service: no operator's key is configured, and none that was issued is good."""
        now = datetime.now(UTC)
        issued = any("operator" in key.grant.scopes and not key.is_over(now) for key in self.store.keys.of())
        return not issued and not any(caller.may("operator") for caller in self.configured.values())

    def issue_operator(self) -> str:
        """A new key to run the service with. Only its hash is kept: it cannot be shown again."""
        return issue(self.store, Grant(OPERATOR, ("operator",), label="first start")).secret


def holder(key: ApiKey) -> Caller:
    """Whoever holds an issued key that is good; `KeyRevoked`, `KeyExpired`."""
    if key.revoked is not None:
        raise KeyRevoked(f"key {key.id} was revoked. Have an admin issue another.")
    if key.is_over(datetime.now(UTC)):
        instead = f"; it was rotated to {key.replaced_by}" if key.replaced_by else ""
        raise KeyExpired(f"key {key.id} expired at {key.grant.expires}{instead}. Have an admin issue another.")
    return Caller(key.id, key.grant.organisation, key.grant.scopes, key.grant.brand)


def require_scope(caller: Caller, *any_of: Scope) -> None:
    """Refuse a key that has none of these scopes: `ScopeMissing`."""
    if not any(caller.may(scope) for scope in any_of):
        raise ScopeMissing(f"this key may not do this; it takes a key with the scope {' or '.join(any_of)}.")


def brand_of(caller: Caller, brand: str, store: Store) -> Brand:
    """A brand that is the caller's. Any other is to it as one that is not enrolled, whether it is or not."""
    found = find_brand(store, brand)
    if found is None or not caller.tends(found):
        raise BrandUnknown(f"brand {brand!r} is not enrolled, or not yours. Use your own brand's id.")
    return found


def find_brand(store: Store, brand: str) -> Brand | None:
    """A brand, if it is enrolled."""
    try:
        return store.brand(brand)
    except BrandUnknown:
        return None


def organisation_of(caller: Caller, named: str | None, store: Store) -> str:
    """The organisation that is named, which is the caller's, or the caller's own. Another is as none.

    Errors: `OrganisationUnknown`.
    """
    if named is None:
        return caller.organisation
    known = {each.id for each in store.organisations.all() if caller.owns(each.id)}
    if named not in known:
        raise OrganisationUnknown(f"there is no organisation {named[:80]!r}, or it is not yours.")
    return named
