"""Wraps every request: gives it an id, counts and times it, answers what nothing else caught, hardens the headers."""

from time import perf_counter
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.metrics import Metrics
from serve.problems import of_unexpected

CALLER_GONE = 499  # counted for a caller who left before the answer, as nginx does
UNMATCHED = "unmatched"  # one label for all unknown paths, so that callers cannot make labels
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Observer:
    """ASGI middleware, outermost of ours."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, quiet(send))
            return
        scope["request_id"] = str(uuid4())
        start, status = perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                harden(message, scope["request_id"])
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except ClientDisconnect:
            status = CALLER_GONE  # nobody to answer, and nobody's fault
        except Exception as error:
            if status:
                raise  # the answer has begun: only the connection can still say that it went wrong
            await of_unexpected(Request(scope), error)(scope, receive, send_on)
        finally:
            self.count(scope, status, perf_counter() - start)

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Add the request to the metrics, under its route's template."""
        route = getattr(scope.get("route"), "path", UNMATCHED)
        method = scope["method"] if route != UNMATCHED else UNMATCHED
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.request_seconds.labels(route).observe(seconds)


def quiet(send: Send) -> Send:
    """Leave the traceback out of what the server is told of a failed start: whoever started it tells why, in words."""

    async def send_on(message: Message) -> None:
        await send({"type": message["type"]} if message["type"] == "lifespan.startup.failed" else message)

    return send_on


def harden(message: Message, request_id: str) -> None:
    """Headers that every answer carries."""
    headers = MutableHeaders(scope=message)
    headers["X-Request-Id"] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
