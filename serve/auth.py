"""Who calls: API keys, the three roles, and a brand's right to its own references only."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from index.store import Role, Store
from vision.errors import BrandUnknown, KeyMissing, KeyUnknown, RoleForbidden


@dataclass(frozen=True)
class Caller:
    """Whoever holds a key."""

    role: Role
    brand: str | None = None  # of a brand's key


class Keyring:
    """The keys that open this service: those configured, and those issued."""

    def __init__(self, store: Store, configured: Mapping[Role, SecretStr | None]) -> None:
        self.store = store
        self.configured = {
            digest(key.get_secret_value()): Caller(role) for role, key in configured.items() if key is not None
        }

    def caller(self, key: str | None) -> Caller:
        """Who holds this key."""
        if not key:
            raise KeyMissing("no API key came with the request. Send `Authorization: Bearer KEY`.")
        hashed = digest(key)
        caller = self.configured.get(hashed) or self.issued(hashed)
        if caller is None:
            raise KeyUnknown("the API key is not known. Check it, or have an admin issue another.")
        return caller

    def issued(self, hashed: str) -> Caller | None:
        """Who was issued the key of this hash."""
        found = self.store.key(hashed)
        return None if found is None else Caller(found.role, found.brand)

    def issue(self, role: Role, brand: str | None = None) -> str:
        """A new key. Only its hash is kept: it cannot be shown again."""
        key = f"ts_{role}_{secrets.token_urlsafe(32)}"
        self.store.put_key(digest(key), role, brand)
        return key


def digest(key: str) -> str:
    """What is kept of a key. A key is 256 random bits, so a plain hash hides it."""
    return hashlib.sha256(key.encode()).hexdigest()


def require_role(caller: Caller, *allowed: Role) -> None:
    """Admins may do everything; others what their role is for."""
    if caller.role != "admin" and caller.role not in allowed:
        roles = " or ".join(["admin", *allowed])
        raise RoleForbidden(f"a {caller.role} key may not do this; it takes a key of role {roles}.")


def require_brand(caller: Caller, brand: str) -> None:
    """A brand's key sees its own brand only; any other is to it as one that is not enrolled, whether it is or not."""
    if caller.role == "brand" and caller.brand != brand:
        raise BrandUnknown(f"brand {brand!r} is not enrolled, or not yours. Use your own brand's id.")
