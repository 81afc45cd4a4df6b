"""The one place where errors become answers: RFC 9457 `application/problem+json` with a stable `code`."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from serve.schemas.wire import Problem
from vision.errors import (
    BlobDamaged,
    FilesRefused,
    MetadataInvalid,
    NotReady,
    Overloaded,
    StoreDamaged,
    TouchstoneError,
)

log = logging.getLogger("touchstone.serve")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2  # what a 503 asks for
HEADERS_OF_STATUS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="touchstone"'},
    408: {"Connection": "close"},
    503: {"Retry-After": str(RETRY_AFTER_S)},
}
CODES_OF_STATUS: Mapping[int, str] = {404: "route_unknown", 405: "method_not_allowed"}
TOLD = (BlobDamaged, StoreDamaged)  # faults of ours whose name helps the caller
REQUEST_INVALID = "request_invalid"
INTERNAL = "internal"


def handle_all(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    app.add_exception_handler(TouchstoneError, of_touchstone)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(HTTPException, of_http)


async def of_touchstone(request: Request, error: Exception) -> JSONResponse:
    """A fault with a name. Only what is the caller's to mend, or to wait for, is told in words."""
    assert isinstance(error, TouchstoneError)
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, TOLD):
        return of_unexpected(request, error)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, NotReady | Overloaded):
        notes = "; ".join([str(error), *getattr(error, "__notes__", ())])
        log.warning("request %s: %s: %s", request.scope["request_id"], error.code, notes)
    extra: dict[str, Any] = {}
    if isinstance(error, FilesRefused):
        extra["files"] = [asdict(fault) for fault in error.faults]
    if isinstance(error, MetadataInvalid):
        extra["faults"] = [{"where": where, "detail": what} for where, what in error.faults]
    return answer(request, error.status, error.code, str(error), **extra)


async def of_validation(request: Request, error: Exception) -> JSONResponse:
    """A request that does not fit the schema: every fault at once, without echoing what was sent."""
    assert isinstance(error, RequestValidationError)
    faults = [{"where": ".".join(map(str, fault["loc"])), "detail": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{fault['where']}: {fault['detail']}" for fault in faults)
    return answer(request, 422, REQUEST_INVALID, detail, faults=faults)


async def of_http(request: Request, error: Exception) -> JSONResponse:
    """What the router itself refuses: an unknown path or method."""
    assert isinstance(error, HTTPException)
    code = CODES_OF_STATUS.get(error.status_code, REQUEST_INVALID)
    detail = f"{request.method} {request.url.path}: {error.detail}. GET / lists what there is."
    return answer(request, error.status_code, code, detail, headers=error.headers)


def of_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Our own fault: logged with the request's id, and nothing of it told."""
    request_id = request.scope["request_id"]
    log.error("request %s: %s %s failed", request_id, request.method, request.url.path, exc_info=error)
    return answer(
        request, 500, INTERNAL, f"The service failed at this. Report it with the id {request_id}; it is in the log."
    )


def answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    """A problem as a response."""
    problem = Problem(
        type=f"urn:touchstone:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        instance=f"urn:uuid:{request.scope['request_id']}",
        **extra,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**HEADERS_OF_STATUS.get(status, {}), **(headers or {})},
    )
