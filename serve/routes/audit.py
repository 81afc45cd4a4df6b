"""The audit log over HTTP: who changed what of an organisation's."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from index.store import AuditLine
from serve.auth import organisation_of
from serve.doors import Admin
from serve.routes.openapi import PROBLEM
from serve.schemas.wire import Wire
from serve.service import Running

router = APIRouter(prefix="/v1/audit", responses=PROBLEM, tags=["audit"])


class AuditLineResponse(Wire):
    """One change."""

    number: int  # 1, 2, 3 ... within the organisation, without gaps
    at: datetime
    key: str  # id of the key that did it; or `admin_key`, `pipeline_key`, `command-line`, `touchstone`
    action: str
    target: str  # path of what was changed
    detail: str
    request: str | None  # id of the HTTP request, as its X-Request-Id said

    @classmethod
    def from_domain(cls, line: AuditLine) -> "AuditLineResponse":
        """As written."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class AuditResponse(Wire):
    """Changes of what is an organisation's, newest first."""

    organisation: str
    lines: list[AuditLineResponse]
    next: int | None  # ask for those `before` this one; null: there are no more


@router.get("")
def read_audit(
    running: Running,
    who: Admin,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Lines before this number.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    organisation: Annotated[str | None, Query(description="Operator; default: the caller's.")] = None,
) -> AuditResponse:
    """Who changed what of an organisation's, newest first."""
    named = organisation_of(who, organisation, running.store)
    lines = [AuditLineResponse.from_domain(line) for line in running.store.trail.of(named, before, limit)]
    more = bool(lines) and lines[-1].number > 1
    return AuditResponse(organisation=named, lines=lines, next=lines[-1].number if more else None)
