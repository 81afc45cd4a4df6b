"""An upload job, worked on: every photo is looked at by itself and that is kept; then all are judged together."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index import counterfeits
from index.look import look_at
from index.parcel import Parcel
from index.reference_set import FileResult, Note, Status, Upload, admit
from index.store import Change, Store
from index.store.jobs import Job, JobFile, Sent
from vision.errors import AnotherBrandsMark, InputRefused
from vision.geometry.features import extract
from vision.photo import Photo, PhotoLimits, decode
from vision.recognition import Recogniser

_LOOKED_AT_TOGETHER = 8  # photos, before what was seen is kept
_FEW_FEATURES = 12  # a photo with fewer local features has nothing that a mark could be held against

Json = Callable[[FileResult], str]


class Eye(Protocol):
    """Looks for marks."""

    def doubts(self, photo: Photo, brand: str) -> tuple[Note, ...]:
        """What makes a photo doubtful as a reference of a brand."""
        ...


class RecognisingEye:
    """An `Eye` that recognises as the service does."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    def doubts(self, photo: Photo, brand: str) -> tuple[Note, ...]:
        """`OTHER_BRAND` where brands are recognised and this is not among them; `NO_MARK` where nothing could be."""
        held = self._recogniser.recognise(photo, brand)
        shown = {each.brand for each in held if each.recognition > 0}
        if shown and brand not in shown:
            return (Note.OTHER_BRAND,)
        if shown:
            return ()
        small = photo.fit(self._recogniser.policy.working_side_px)
        return (Note.NO_MARK,) if len(extract(small.pixels, _FEW_FEATURES)) < _FEW_FEATURES else ()


def unpacked(parcel: Parcel, json: Json) -> Iterable[Sent]:
    """The files of a zip as a job takes them in; `MetadataInvalid` before the first."""
    said = parcel.table().of(parcel.names)
    for file, metadata in zip(parcel.files(), said, strict=True):
        refusal = None if file.fault is None else json(FileResult(file.name, Status.REFUSED, None, fault=file.fault))
        yield Sent(file.name, file.data, metadata, refusal)


def look_through(store: Store, job: Job, worker: str, limits: PhotoLimits, eye: Eye, json: Json) -> bool:
    """Look at the next few photos of a job; whether there were any."""
    files = store.jobs.files(job.id, most=_LOOKED_AT_TOGETHER, undecided=True)
    if not files:
        return False
    known = counterfeits.known(store, job.brand)
    seen = [_seen(store, job, file, limits, eye, known, json) for file in files]
    store.jobs.looked(job.id, worker, seen, Status.REFUSED)
    store.erase_unnamed([file.sha256 for file in seen if file.result is not None and file.sha256 is not None])
    return True


def settle(store: Store, job: Job, worker: str, json: Json) -> Change:
    """Judge a job's photos together with the set and one another; what is admitted joins it in one version."""
    files = [file for file in store.jobs.files(job.id) if file.result is None]
    uploads = [Upload(f.name, b"", f.look, None, f.metadata, tuple(map(Note, f.doubts))) for f in files]
    admission = admit(store.references(job.brand), uploads)
    results = {f.position: (r.status, json(r)) for f, r in zip(files, admission.results, strict=True)}
    return store.jobs.finish(job, worker, admission.additions, results)


def told(result: FileResult) -> dict[str, Any]:
    """A file's result with the fields of the HTTP interface."""
    return {
        "name": result.name,
        "status": result.status.value,
        "reference": result.reference,
        "resembles": result.resembles,
        "notes": [note.value for note in result.notes],
        "error": None if result.fault is None else {"code": result.fault.code, "detail": str(result.fault)},
    }


def _seen(
    store: Store, job: Job, file: JobFile, limits: PhotoLimits, eye: Eye, known: NDArray[np.uint64], json: Json
) -> JobFile:
    assert file.sha256 is not None  # else it had a result
    try:
        photo = decode(store.blob(file.sha256), limits)
        look, doubts = look_at(photo), eye.doubts(photo, job.brand)
        counterfeits.refuse(look, known)
        _refuse_others(doubts, job)
    except InputRefused as fault:
        return replace(file, result=json(FileResult(file.name, Status.REFUSED, None, fault=fault)))
    return replace(file, look=look, doubts=doubts)


def _refuse_others(doubts: tuple[Note, ...], job: Job) -> None:
    if Note.OTHER_BRAND in doubts and Note.OTHER_BRAND not in job.accept:
        raise AnotherBrandsMark(
            "the photo shows the mark of another enrolled brand, and not yours as it is enrolled; send another, or "
            f"send it with `accept={Note.OTHER_BRAND}` where that is meant"
        )
