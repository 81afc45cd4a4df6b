"""A brand's reference set and its rules of admission. Pure: no store, no clock, no file."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.look import Look, look_at
from index.metadata import NOTHING, Metadata
from vision.errors import BrandNameInvalid, InputRefused
from vision.photo import PhotoLimits, decode

MAX_BRAND_LENGTH = 64
# Copies at 2/5 of the size and half the quality differ by up to 8 of 64 bits, other photos by 13 and up.
NEAR_DUPLICATE_BITS = 8
SMALL_SIDE_PX = 160  # a shorter side below this leaves little of a mark to compare
BLURRED_BELOW = 0.03  # of sharpness; sharp photos have 0.05 to 0.8, those blurred by 2 px of 512 up to 0.035

_BRAND_PUNCTUATION = " ._&+'-"


class Status(StrEnum):
    """What became of one file."""

    ACCEPTED = "accepted"
    NEAR_DUPLICATE = "near_duplicate"  # accepted too: a brand's photos of one product resemble each other
    DUPLICATE = "duplicate"  # the same bytes are there already; not stored again
    REFUSED = "refused"


class Note(StrEnum):
    """A doubt about a file's quality. It is kept all the same."""

    SMALL = "small"
    BLURRED = "blurred"
    NO_MARK = "no_mark"  # nothing in it that a mark could be
    OTHER_BRAND = "other_brand"  # it shows the mark of another brand that is enrolled, which its owner knows


@dataclass(frozen=True)
class Upload:
    """One file as received: measured, or with the fault that made it unreadable."""

    name: str  # as its owner calls it
    data: bytes = field(repr=False)
    look: Look | None
    fault: InputRefused | None
    metadata: Metadata = NOTHING
    doubts: tuple["Note", ...] = ()  # beyond those that its look raises


class Known(Protocol):
    """A reference the set already has."""

    @property
    def id(self) -> str:
        """Unique within the brand."""
        ...

    @property
    def sha256(self) -> str:
        """Of the bytes as uploaded."""
        ...

    @property
    def fingerprint(self) -> int:
        """`fingerprint_of` its pixels."""
        ...


@dataclass(frozen=True)
class Addition:
    """A reference that the set gains."""

    id: str
    name: str
    look: Look
    data: bytes = field(repr=False)
    metadata: Metadata = NOTHING

    @property
    def sha256(self) -> str:
        """Of the bytes as uploaded."""
        return self.look.sha256

    @property
    def fingerprint(self) -> int:
        """Alike for photos that look alike."""
        return self.look.fingerprint


@dataclass(frozen=True)
class FileResult:
    """What became of one file, and why."""

    name: str
    status: Status
    reference: str | None  # its id where stored; the one it repeats where a duplicate; None where refused
    resembles: str | None = None  # near duplicate: the reference it looks like
    notes: tuple[Note, ...] = ()
    fault: InputRefused | None = None  # refused: why


@dataclass(frozen=True)
class Admission:
    """The judgement on files uploaded together."""

    results: tuple[FileResult, ...]  # one a file, in the order sent
    additions: tuple[Addition, ...]  # what to store


def brand_id(name: str) -> str:
    """The id of a brand called `name`: NFC, lower case. The one place that decides; never a path."""
    brand = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    if not (1 <= len(brand) <= MAX_BRAND_LENGTH and brand[0].isalnum() and all(map(_is_brand_character, brand))):
        raise BrandNameInvalid(
            f"brand {name[:80]!r} ({len(brand)} characters) cannot be an id; use 1 to {MAX_BRAND_LENGTH} letters, "
            f"digits, spaces or any of {_BRAND_PUNCTUATION.strip()} and start with a letter or digit"
        )
    return brand


def _is_brand_character(character: str) -> bool:
    """Letters and digits of any script, with the vowel signs and accents that some are written with."""
    is_mark = unicodedata.category(character).startswith("M")
    return character.isalnum() or is_mark or character in _BRAND_PUNCTUATION


def reference_id(sha256: str) -> str:
    """The id of the reference with these bytes, within its brand: uploading it twice names it twice alike."""
    return sha256[:16]


def receive(name: str, data: bytes, limits: PhotoLimits = PhotoLimits(), metadata: Metadata = NOTHING) -> Upload:
    """Decode and measure one file. What is wrong with it is kept in `fault`, not raised."""
    try:
        return Upload(name, data, look_at(decode(data, limits)), None, metadata)
    except InputRefused as fault:
        return Upload(name, data, None, fault, metadata)


def admit(existing: Sequence[Known], uploads: Sequence[Upload]) -> Admission:
    """Judge files against the set and against one another, all together, in the order sent."""
    known = _KnownSet(existing, len(uploads))
    results, additions = [], []
    for upload in uploads:
        result = _judge(known, upload)
        results.append(result)
        if upload.look is not None and result.status in (Status.ACCEPTED, Status.NEAR_DUPLICATE):
            addition = Addition(
                reference_id(upload.look.sha256), upload.name, upload.look, upload.data, upload.metadata
            )
            additions.append(addition)
            known.add(addition)
    return Admission(tuple(results), tuple(additions))


class _KnownSet:
    """References to judge by: thousands are looked through for each of thousands of files."""

    def __init__(self, existing: Sequence[Known], room: int) -> None:
        self._ids: list[str] = []
        self._by_sha256: dict[str, str] = {}
        self._fingerprints = np.zeros(len(existing) + room, np.uint64)
        for each in existing:
            self.add(each)

    def add(self, known: Known) -> None:
        """One more."""
        self._fingerprints[len(self._ids)] = known.fingerprint
        self._ids.append(known.id)
        self._by_sha256.setdefault(known.sha256, known.id)

    def same(self, sha256: str) -> str | None:
        """The id of the one with these bytes."""
        return self._by_sha256.get(sha256)

    def resembling(self, fingerprint: int) -> str | None:
        """The one that looks most like this, the first of equals, if any is within `NEAR_DUPLICATE_BITS`."""
        place = nearest(self._fingerprints[: len(self._ids)], fingerprint)
        return None if place is None else self._ids[place]


def nearest(fingerprints: NDArray[np.uint64], fingerprint: int) -> int | None:
    """Place of the fingerprint `[N]` nearest to this one, if it is within `NEAR_DUPLICATE_BITS`."""
    if not len(fingerprints):
        return None
    apart = np.bitwise_count(fingerprints ^ np.uint64(fingerprint))
    place = int(np.argmin(apart))
    return place if apart[place] <= NEAR_DUPLICATE_BITS else None


def _judge(known: _KnownSet, upload: Upload) -> FileResult:
    look = upload.look
    if look is None or upload.fault is not None:
        return FileResult(upload.name, Status.REFUSED, None, fault=upload.fault)
    same = known.same(look.sha256)
    if same is not None:
        return FileResult(upload.name, Status.DUPLICATE, same)
    alike = known.resembling(look.fingerprint)
    status = Status.ACCEPTED if alike is None else Status.NEAR_DUPLICATE
    return FileResult(upload.name, status, reference_id(look.sha256), alike, (*_notes(look), *upload.doubts))


def _notes(look: Look) -> tuple[Note, ...]:
    small = (Note.SMALL,) if min(look.width, look.height) < SMALL_SIDE_PX else ()
    return small + ((Note.BLURRED,) if look.sharpness < BLURRED_BELOW else ())
