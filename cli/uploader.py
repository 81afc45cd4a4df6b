"""The uploader: batches of photos over HTTP to a service, so that one that is killed loses and repeats nothing.

Each batch has a key made of its content. The service keeps its answers by key, so what was sent is asked for and not
sent again; and of a batch only those photos are sent whose bytes are not in the set.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cli.console import Advance
from cli.service import Service
from cli.upload_source import Outgoing, Source
from index.metadata import NOTHING, told
from vision.errors import BodyTooLarge, FileTooLarge, TooManyFiles

Result = dict[str, Any]  # of a file, with the fields of the HTTP interface

_AHEAD = 3  # batches sent and not told of yet
_TOO_LARGE = (BodyTooLarge.code, FileTooLarge.code, TooManyFiles.code)
_NAME_LENGTH = 200  # characters of a name that a service keeps
_ATTEMPTS = 3  # at a batch whose job failed


@dataclass(frozen=True)
class Sending:
    """A part of the photos and what is known of each, or the job that tells it."""

    names: tuple[str, ...]  # as the source has them
    wired: tuple[str, ...]  # as they go over the wire
    known: dict[str, Result]  # by wired name
    job: str | None = None


class Uploader:
    """Sends the photos of one brand."""

    def __init__(self, service: Service, brand: str, accept: str, most: int) -> None:
        self._service, self._accept, self._most = service, accept, most
        self._path = f"/v1/brands/{quote(brand, safe='')}"
        self.sent = 0  # files, by now

    @classmethod
    @contextmanager
    def at(cls, url: str, key: str, brand: str, accept: str, most: int) -> Iterator["Uploader"]:
        """Of a service; `ConfigurationError` where none is there."""
        with Service.at(url, key) as service:
            yield cls(service, brand, accept, most)

    def upload(self, source: Source, advance: Advance) -> list[Result]:
        """Send what is missing; what became of each photo, in the source's order."""
        total, results, under_way = len(source.names), list[Result](), deque[Sending]()
        there, round_ = self._there(), self._round()
        advance(0, total)

        def tell(until: int) -> None:
            while len(under_way) > until:
                results.extend(self._results(under_way.popleft()))
                advance(len(results), total)

        for batch in source.batches(self._most):
            under_way.extend(self._begun(batch, there, round_))
            tell(_AHEAD)
        tell(0)
        return results

    def _there(self) -> dict[str, str]:
        """Ids of the references in the set, by sha256."""
        return {each["sha256"]: each["id"] for each in self._service.get(f"{self._path}/references")["references"]}

    def _round(self) -> int:
        """Grows when something leaves the set, for then answers of before say what holds no more."""
        versions = self._service.get(f"{self._path}/versions")["versions"]
        return max((each["version"] for each in versions if each["removed"]), default=0)

    def _begun(self, batch: Sequence[Outgoing], there: dict[str, str], round_: int) -> list[Sending]:
        wired = _wired([file.name for file in batch])
        known = {name: result for name, file in zip(wired, batch, strict=True) if (result := _known(file, there))}
        names = tuple(file.name for file in batch)
        rest = [(name, file) for name, file in zip(wired, batch, strict=True) if name not in known]
        if not rest:
            return [Sending(names, wired, known)]
        key = _key_of(wired, batch, self._accept, round_)
        try:
            return [Sending(names, wired, known, self._job(key, rest))]
        except _TooLarge as refusal:
            return self._halves(batch, there, round_, refusal)

    def _halves(
        self, batch: Sequence[Outgoing], there: dict[str, str], round_: int, refusal: "_TooLarge"
    ) -> list[Sending]:
        """What is too large together is sent in halves; what is by itself, is refused."""
        if len(batch) == 1:
            (name,) = _wired([batch[0].name])
            return [Sending((batch[0].name,), (name,), {name: _refused(name, refusal.code, refusal.detail)})]
        middle = len(batch) // 2
        return [*self._begun(batch[:middle], there, round_), *self._begun(batch[middle:], there, round_)]

    def _job(self, key: str, files: Sequence[tuple[str, Outgoing]]) -> str:
        """The job of a batch: the one it has, or a new one where it has none or that failed."""
        for _ in range(_ATTEMPTS - 1):
            job = self._asked(key)
            if job is None:
                return self._sent(key, files)
            if self._service.get(job, most=0)["state"] != "failed":
                return job
            key = hashlib.sha256(f"{key} {job}".encode()).hexdigest()
        return self._asked(key) or self._sent(key, files)

    def _asked(self, key: str) -> str | None:
        answer = self._service.find(f"{self._path}/answers/{key}")
        return None if answer is None else str(answer["job"])

    def _sent(self, key: str, files: Sequence[tuple[str, Outgoing]]) -> str:
        parts: list[tuple[str, tuple[str, bytes, str]]] = [
            ("files", (name, file.data, "application/octet-stream")) for name, file in files
        ]
        if any(file.metadata != NOTHING for _, file in files):
            rows = [{"file": name, **told(file.metadata)} for name, file in files]
            parts.append(("table", ("metadata.json", json.dumps(rows).encode(), "application/json")))
        answer = self._service.post(f"{self._path}/references", parts, key, self._accept)
        if answer.status_code == 413 and answer.json()["code"] in _TOO_LARGE:
            raise _TooLarge(answer.json()["code"], answer.json()["detail"])
        self.sent += len(files)
        return str(self._service.told(answer)["job"])

    def _results(self, sending: Sending) -> list[Result]:
        found = dict(sending.known)
        if sending.job is not None:
            job = self._service.wait(sending.job)
            failure = {"code": "job_failed", "detail": job["error"] or "the service does not tell of this file"}
            found = {each["name"]: each for each in job["files"]} | found
            for name in sending.wired:
                found.setdefault(name, _result(name, "failed", error=failure))
        pairs = zip(sending.names, sending.wired, strict=True)
        return [found[wired] | {"name": name} for name, wired in pairs]


class _TooLarge(Exception):
    """What was sent together passes a limit of the service."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def _known(file: Outgoing, there: dict[str, str]) -> Result | None:
    if file.fault is not None:
        return _refused(file.name, file.fault.code, str(file.fault))
    reference = there.get(file.sha256)
    return None if reference is None else _result(file.name, "duplicate", reference)


def _refused(name: str, code: str, detail: str) -> Result:
    return _result(name, "refused", error={"code": code, "detail": detail})


def _result(name: str, status: str, reference: str | None = None, error: dict[str, str] | None = None) -> Result:
    return {
        "name": name,
        "status": status,
        "reference": reference,
        "resembles": None,
        "notes": [],
        "error": error,
    }


def _key_of(names: Sequence[str], files: Sequence[Outgoing], accept: str, round_: int) -> str:
    said = [[name, file.sha256, told(file.metadata)] for name, file in zip(names, files, strict=True)]
    return hashlib.sha256(json.dumps([said, accept, round_]).encode()).hexdigest()


def _wired(names: Sequence[str]) -> tuple[str, ...]:
    """The names as a form can carry them, each another."""
    found: dict[str, None] = {}
    for name in names:
        plain = "".join("_" if each in '"\\' or not each.isprintable() else each for each in name).strip()
        plain, number = plain[-_NAME_LENGTH:].strip() or "_", 2
        while plain in found:
            plain, number = f"{plain[-_NAME_LENGTH + 8 :]}-{number}", number + 1
        found[plain] = None
    return tuple(found)
