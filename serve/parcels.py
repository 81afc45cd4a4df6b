"""Uploads that are worked on after they are answered: a zip, or files whose sender will not wait."""

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from typing import IO

from starlette.requests import Request

from index import disk
from index.metadata import Metadata
from index.parcel import Parcel, ParcelLimits
from index.reference_set import Note
from index.store import Claim
from index.store.jobs import Sent
from index.upload_job import unpacked
from serve.enrolling import described, digest
from serve.form import Form
from serve.schemas.brands import UploadResponse
from serve.schemas.jobs import JobResponse
from serve.service import Service
from serve.settings import Limits
from serve.upload_worker import json_of
from serve.uploads import read_within
from vision.errors import FormInvalid

INCOMING = "incoming"  # folder of zips that arrive, each gone with its request, whatever ends that


async def spooled(request: Request, running: Service) -> tuple[IO[bytes], str]:
    """The body on disk, and its sha256; refuses with 408 or 413 while it arrives."""
    limits, whole = running.settings.limits, hashlib.sha256()
    with disk.named():
        folder = running.settings.data_dir / INCOMING
        folder.mkdir(exist_ok=True)
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (whoever unpacks it closes it)
        try:
            async for chunk in read_within(request, limits.archive_bytes, limits.archive_timeout_s):
                file.write(chunk)
                whole.update(chunk)
            file.flush()
        except BaseException:
            file.close()
            raise
    return file, whole.hexdigest()


def parcel_limits(limits: Limits) -> ParcelLimits:
    """What a zip may hold."""
    return ParcelLimits(
        limits.archive_entries,
        limits.archive_directory_bytes,
        limits.file_bytes,
        limits.archive_unpacked_bytes,
        limits.archive_ratio,
    )


def take_zip(brand: str, file: IO[bytes], sha256: str, accept: str, key: str | None, service: Service) -> str:
    """Take in a zip: checked and durable when this answers, looked at afterwards."""
    with file:
        parcel = Parcel(file, parcel_limits(service.settings.limits))
        claim = None if key is None else Claim(key, hashlib.sha256(f"zip {sha256} {accept}".encode()).hexdigest())
        return _take(brand, unpacked(parcel, json_of), accept, claim, service)


def take_form(brand: str, form: Form, accept: str, key: str | None, service: Service) -> str:
    """Take in the files of a form likewise."""
    said: list[Metadata] = described(form)
    files = (Sent(file.name, file.data, each) for file, each in zip(form.files, said, strict=True))
    claim = None if key is None else Claim(key, hashlib.sha256(f"job {digest(form)} {accept}".encode()).hexdigest())
    return _take(brand, files, accept, claim, service)


def _take(brand: str, files: Iterable[Sent], accept: str, claim: Claim | None, service: Service) -> str:
    waived = waivers(accept)
    kept = None if claim is None else service.store.answer(brand, claim)
    if kept is not None:
        return kept
    answer = service.store.jobs.receive(brand, files, partial(_answer, brand, service.store.version()), waived, claim)
    service.upload_jobs.wake.set()
    return answer


def waivers(accept: str) -> Sequence[str]:
    """The doubts that the uploader waives."""
    named = [word for word in accept.replace(",", " ").split() if word]
    if wrong := [word for word in named if word != Note.OTHER_BRAND]:
        raise FormInvalid(f"`accept` names {', '.join(wrong)[:80]!r}. Send {Note.OTHER_BRAND} or leave it out.")
    return named


def _answer(brand: str, version: int, job: str) -> str:
    path = f"/v1/brands/{brand}/jobs/{job}"
    return UploadResponse(brand=brand, version=version, accepted=0, files=[], job=path).model_dump_json()


def job(brand: str, name: str, first: int, most: int, service: Service) -> JobResponse:
    """How a job stands, with the results of some of its files."""
    found = service.store.jobs.get(brand, name)
    return JobResponse.from_domain(found, service.store.jobs.files(name, first, most))
