"""Upload jobs: what a brand sent, durable before it is looked at, and what became of each file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from index.look import Look
from index.metadata import Metadata
from index.reference_set import Addition
from index.store import answers, history, leases, rows
from index.store.blobs import Blobs, name_of
from index.store.database import Database
from index.store.records import Change, Claim
from index.store.tables import upload_files, upload_jobs
from index.store.tenants import Actor, actor
from vision.errors import JobUnknown

State = Literal["receiving", "waiting", "running", "done", "failed"]

HELD_FOR = timedelta(seconds=10)  # a worker that was not heard of for so long is dead
RECEIVING_FOR = timedelta(hours=1)  # an upload that takes longer to arrive is dead too
_PUT_TOGETHER, _PUT_TOGETHER_BYTES = 32, 16 * 2**20  # files made durable at once: so many, or just over so much


@dataclass(frozen=True)
class Sent:
    """A file as it arrived, or with what it is answered where it was refused unread."""

    name: str
    data: bytes = field(repr=False)
    metadata: Metadata
    refusal: str | None = None  # JSON


@dataclass(frozen=True)
class Job:
    """An upload being worked on, or done."""

    id: str
    brand: str
    created: datetime  # UTC
    state: State
    total: int  # files
    accept: tuple[str, ...]  # doubts that the uploader knows and waives
    actor: Actor
    finished: datetime | None
    version: int | None  # of the store, holding what was accepted
    fault: str | None  # why it failed
    counts: Mapping[str, int]  # files decided by now, by status


@dataclass(frozen=True)
class JobFile:
    """One file of a job."""

    position: int
    name: str
    sha256: str | None
    metadata: Metadata
    look: Look | None  # once it was looked at
    doubts: tuple[str, ...]
    result: str | None  # JSON, once it is decided


class Jobs:
    """Of one store. A job whose worker died is begun again by another, from the file where it stopped."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    def receive(
        self,
        brand: str,
        files: Iterable[Sent],
        answer: Callable[[str], str],
        accept: Sequence[str] = (),
        claim: Claim | None = None,
    ) -> str:
        """Take an upload in, durable when this returns; gives what `answer` makes of the job's id.

        If its claim was answered before, that answer. Errors: `BrandUnknown`, `IdempotencyKeyReused`.

        The rows that name photos come first here, so that nobody erases a photo while the next arrives; the job
        is not there for anybody until all of it is.
        """
        job, total, rest = uuid4().hex, 0, iter(files)
        self._begin(job, brand, accept)
        while some := _together(rest):
            with self._database.writing() as connection:
                connection.execute(insert(upload_files), [_row_of(job, total + i, sent) for i, sent in enumerate(some)])
            self._blobs.put_all([(name_of(sent.data), sent.data) for sent in some if sent.refusal is None])
            total += len(some)
        with self._database.writing() as connection:
            before = None if claim is None else answers.find(connection, brand, claim)
            if before is not None:
                _remove(connection, job)
                return before
            ready = {"state": "waiting", "total": total}
            connection.execute(update(upload_jobs).where(upload_jobs.c.id == job).values(ready))
            if claim is not None:
                answers.keep(connection, brand, claim, answer(job))
        return answer(job)

    def _begin(self, job: str, brand: str, accept: Sequence[str]) -> None:
        who = actor()
        row = {"id": job, "brand": brand, "created": datetime.now(UTC), "state": "receiving", "total": 0, "attempts": 0}
        row |= {"accept": " ".join(accept), "actor": who.key, "request": who.request}
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            connection.execute(insert(upload_jobs).values(row))

    def answered(self, brand: str, key: str) -> str:
        """What an upload with this idempotency key was answered (JSON), a job or not; `AnswerUnknown`."""
        with self._database.reading() as connection:
            return answers.kept(connection, brand, key)

    def get(self, brand: str, job: str) -> Job:
        """One job of a brand; `JobUnknown`."""
        with self._database.reading() as connection:
            ours = (upload_jobs.c.id == job, upload_jobs.c.brand == brand, upload_jobs.c.state != "receiving")
            row = connection.execute(select(upload_jobs).where(*ours)).one_or_none()
            if row is None:
                raise JobUnknown(f"brand {brand!r} has no upload job {job[:40]!r}; use an id that an upload answered")
            return _job_of(row, _counts(connection, job))

    def files(self, job: str, first: int = 0, most: int | None = None, undecided: bool = False) -> tuple[JobFile, ...]:
        """Files of a job in their order, from a position on; only those that nobody looked at where `undecided`."""
        mine = (upload_files.c.job == job, upload_files.c.position >= first)
        query = select(upload_files).where(*mine).order_by(upload_files.c.position).limit(most)
        if undecided:
            query = query.where(upload_files.c.look.is_(None), upload_files.c.result.is_(None))
        with self._database.reading() as connection:
            return tuple(_file_of(row) for row in connection.execute(query))

    def claim(self, worker: str) -> Job | None:
        """The oldest job that nobody works on, from now on this worker's; None where there is none."""
        row = leases.claim(self._database, upload_jobs, worker, HELD_FOR)
        if row is None:
            return None
        with self._database.reading() as connection:
            return _job_of(row, _counts(connection, row.id))

    def looked(self, job: str, worker: str, found: Iterable[JobFile], status: str) -> None:
        """Keep what was seen in some files; those that have a result are decided, as `status`."""
        with self._database.writing() as connection:
            for file in found:
                values: dict[str, Any] = {"look": _look_text(file)}
                if file.result is not None:
                    values |= {"result": file.result, "status": status}
                mine = (upload_files.c.job == job, upload_files.c.position == file.position)
                connection.execute(update(upload_files).where(*mine).values(values))
            leases.renew(connection, upload_jobs, job, worker, HELD_FOR)

    def finish(
        self, job: Job, worker: str, additions: Sequence[Addition], results: Mapping[int, tuple[str, str]]
    ) -> Change:
        """Add what was admitted to the set, in one version of it, and keep each file's `(status, result)`.

        Nothing where the job is another worker's by now.
        """
        with self._database.writing() as connection:
            ours = (upload_jobs.c.id == job.id, upload_jobs.c.worker == worker, upload_jobs.c.state == "running")
            if connection.execute(select(upload_jobs.c.id).where(*ours)).first() is None:
                return Change(rows.version(connection), 0)
            change = history.add(connection, job.brand, additions)
            for position, (status, result) in results.items():
                mine = (upload_files.c.job == job.id, upload_files.c.position == position)
                connection.execute(update(upload_files).where(*mine).values(status=status, result=result))
            done = {"state": "done", "finished": datetime.now(UTC), "version": change.version, "held_until": None}
            connection.execute(update(upload_jobs).where(upload_jobs.c.id == job.id).values(done))
        return change

    def release(self, worker: str) -> None:
        """Let others go on with what this worker had."""
        with self._database.writing() as connection:
            leases.release(connection, upload_jobs, worker)

    def forget_unfinished(self) -> None:
        """Forget uploads that began to arrive and never did; their photos are swept later."""
        with self._database.writing() as connection:
            old = (upload_jobs.c.state == "receiving", upload_jobs.c.created < datetime.now(UTC) - RECEIVING_FOR)
            for job in connection.execute(select(upload_jobs.c.id).where(*old)).scalars().all():
                _remove(connection, job)


def _together(files: Iterator[Sent]) -> list[Sent]:
    """The next files, as many as may be in memory at once; one more is not drawn before these are gone."""
    some: list[Sent] = []
    while len(some) < _PUT_TOGETHER and sum(len(sent.data) for sent in some) < _PUT_TOGETHER_BYTES:
        sent = next(files, None)
        if sent is None:
            break
        some.append(sent)
    return some


def _remove(connection: Connection, job: str) -> None:
    connection.execute(delete(upload_files).where(upload_files.c.job == job))
    connection.execute(delete(upload_jobs).where(upload_jobs.c.id == job))


def _counts(connection: Connection, job: str) -> dict[str, int]:
    query = select(upload_files.c.status, func.count()).where(upload_files.c.job == job)
    found = connection.execute(query.group_by(upload_files.c.status))
    return {status: count for status, count in found if status is not None}


def _row_of(job: str, position: int, sent: Sent) -> dict[str, Any]:
    refused = sent.refusal is not None
    return {
        "job": job,
        "position": position,
        "name": sent.name,
        "sha256": None if refused else name_of(sent.data),
        "result": sent.refusal,
        "status": "refused" if refused else None,
        **rows.columns_of(sent.metadata),
    }


def _job_of(row: Row[Any], counts: Mapping[str, int]) -> Job:
    return Job(
        id=row.id,
        brand=row.brand,
        created=row.created,
        state=row.state,
        total=row.total,
        accept=tuple(row.accept.split()),
        actor=Actor(row.actor, row.request),
        finished=row.finished,
        version=row.version,
        fault=row.fault,
        counts=counts,
    )


def _look_text(file: JobFile) -> str | None:
    return None if file.look is None else json.dumps({"look": vars(file.look), "doubts": file.doubts})


def _file_of(row: Row[Any]) -> JobFile:
    seen = json.loads(row.look or "{}")
    return JobFile(
        position=row.position,
        name=row.name,
        sha256=row.sha256,
        metadata=rows.metadata_of(row),
        look=Look(**seen["look"]) if seen else None,
        doubts=tuple(seen.get("doubts", ())),
        result=row.result,
    )
