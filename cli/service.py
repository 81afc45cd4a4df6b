"""A Touchstone service as its clients reach it: over HTTP, asked again where that may help."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx
from httpx_retries import Retry, RetryTransport

from vision.errors import ConfigurationError, ServiceFailed, ServiceRefused

# Waits 0.5 to 10 s between attempts, or what the service asks for: a minute in all, so that a restart is lived through.
# A POST may be repeated since each has its idempotency key.
_RETRY = Retry(total=10, backoff_factor=0.5, max_backoff_wait=10.0, allowed_methods=("GET", "POST"))
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)
_POLLED_S = (0.05, 1.0)  # between looks at a job: at first, and at most

Parts = Sequence[tuple[str, tuple[str, bytes, str]]]


class Service:
    """What is asked of one, and its answers as JSON.

    Errors: `ConfigurationError` where the key does not open, `ServiceRefused`, `ServiceFailed`.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    @classmethod
    @contextmanager
    def at(cls, url: str, key: str) -> Iterator["Service"]:
        """The service at an address; `ConfigurationError` where none answers."""
        try:
            httpx.get(f"{url.rstrip('/')}/health", timeout=_TIMEOUT).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise ConfigurationError(f"no Touchstone service answers at {url[:200]!r} ({fault}); check --url") from None
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(
            base_url=url, headers=headers, timeout=_TIMEOUT, transport=RetryTransport(retry=_RETRY)
        ) as client:
            yield cls(client)

    def get(self, path: str, **query: int) -> dict[str, Any]:
        """What is there."""
        return self.told(self._asked("GET", path, params=query))

    def find(self, path: str) -> dict[str, Any] | None:
        """What is there; None where nothing is."""
        answer = self._asked("GET", path)
        return None if answer.status_code == HTTPStatus.NOT_FOUND else self.told(answer)

    def post(self, path: str, parts: Parts, key: str, accept: str) -> httpx.Response:
        """Send a form, to be answered with a job."""
        headers = {"Idempotency-Key": key, "Prefer": "respond-async"}
        query = {"accept": accept} if accept else {}
        return self._asked("POST", path, files=parts, headers=headers, params=query)

    def wait(self, job: str) -> dict[str, Any]:
        """A job once it is over."""
        pause = _POLLED_S[0]
        while (found := self.get(job))["state"] not in ("done", "failed"):
            time.sleep(pause)
            pause = min(2 * pause, _POLLED_S[1])
        return found

    def told(self, answer: httpx.Response) -> dict[str, Any]:
        """What an answer says, or the error that it is."""
        if answer.is_success:
            content: dict[str, Any] = answer.json()
            return content
        said = _said(answer)
        if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise ConfigurationError(said)
        raise ServiceFailed(said) if answer.is_server_error else ServiceRefused(said)

    def _asked(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **content)
        except httpx.HTTPError as fault:
            raise ServiceFailed(
                f"the service at {self._client.base_url} does not answer ({type(fault).__name__}: {fault}); "
                "run the same again later: what it took in is not sent again"
            ) from None


def _said(answer: httpx.Response) -> str:
    """The words of a problem, or of whatever stands between."""
    try:
        problem = answer.json()
        return f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} answered {answer.status_code} in no words of Touchstone's; check --url and its proxy"
