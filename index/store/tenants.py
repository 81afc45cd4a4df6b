"""Who shares a store: organisations, what their keys may do, and who is acting now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Scope = Literal[
    "inspect",  # listings, held against the organisation's own brands; reads those inspections again
    "review",  # reads the organisation's inspections and their evidence, and says what people found of them
    "references:read",
    "references:write",
    "admin",  # the organisation's keys and audit log, and all of the above
    "inspect:all",  # inspects against every organisation's brands: a marketplace's listing pipeline
    "evidence:all",  # sees evidence that shows another organisation's references
    "operator",  # runs the service: organisations, whose brand is whose, and all of the above
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
OF_TENANTS: tuple[Scope, ...] = SCOPES[:5]  # what an organisation's admin may grant; the rest reaches over its walls
INCLUDED: dict[Scope, tuple[Scope, ...]] = {"operator": SCOPES, "admin": OF_TENANTS, "inspect:all": ("inspect",)}

OPERATOR = "operator"  # the organisation that is always there: it has whatever is given to no other


@dataclass(frozen=True)
class Organisation:
    """Whoever brands belong to: one tenant."""

    id: str
    name: str  # as people write it
    created: datetime  # UTC


@dataclass(frozen=True)
class Grant:
    """What a key is for."""

    organisation: str
    scopes: tuple[Scope, ...]  # in the order of SCOPES
    brand: str | None = None  # narrowed to this one of the organisation's
    label: str = ""
    expires: datetime | None = None  # UTC


@dataclass(frozen=True)
class ApiKey:
    """An issued key, known by its id and its hash only."""

    id: str
    hash: str = field(repr=False)  # sha256 of the key, hex
    grant: Grant
    created: datetime  # UTC
    revoked: datetime | None = None  # UTC
    replaced_by: str | None = None  # id of the key that it was rotated to

    def is_over(self, now: datetime) -> bool:
        """Whether it opens nothing any more."""
        return self.revoked is not None or (self.grant.expires is not None and self.grant.expires <= now)


@dataclass(frozen=True)
class Actor:
    """Who makes a change."""

    key: str  # id of an issued key; the setting's name of a configured one; COMMAND_LINE; UNNAMED
    request: str | None = None  # id of the HTTP request


COMMAND_LINE, UNNAMED = "command-line", "touchstone"
# Ambient, as a request's id is to its log lines: a change is on record whichever way led to it.
_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def actor() -> Actor:
    """Who acts in this context."""
    return _acting.get() or Actor(UNNAMED)


def act_as(who: Actor) -> None:
    """Let changes of this context be this actor's from here on."""
    _acting.set(who)


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """Let changes inside be this actor's."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


@dataclass(frozen=True)
class AuditLine:
    """Who changed what. Never altered."""

    organisation: str  # whose thing it is
    number: int  # 1, 2, 3 ... within the organisation, without gaps
    at: datetime  # UTC
    key: str  # of the actor
    action: str
    target: str  # path of what was changed: brands/acme
    detail: str  # in words
    request: str | None
