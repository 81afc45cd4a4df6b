"""A brand's reference set and its rules of admission. Pure: no store, no clock, no file."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from index.look import Look, differing_bits, look_at
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


@dataclass(frozen=True)
class Upload:
    """One file as received: measured, or with the fault that made it unreadable."""

    name: str  # as its owner calls it
    data: bytes = field(repr=False)
    look: Look | None
    fault: InputRefused | None


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


def receive(name: str, data: bytes, limits: PhotoLimits = PhotoLimits()) -> Upload:
    """Decode and measure one file. What is wrong with it is kept in `fault`, not raised."""
    try:
        return Upload(name, data, look_at(decode(data, limits)), None)
    except InputRefused as fault:
        return Upload(name, data, None, fault)


def admit(existing: Sequence[Known], uploads: Sequence[Upload]) -> Admission:
    """Judge files against the set and against one another, all together, in the order sent."""
    known: list[Known] = list(existing)
    results, additions = [], []
    for upload in uploads:
        result = _judge(known, upload)
        results.append(result)
        if upload.look is not None and result.status in (Status.ACCEPTED, Status.NEAR_DUPLICATE):
            addition = Addition(reference_id(upload.look.sha256), upload.name, upload.look, upload.data)
            additions.append(addition)
            known.append(addition)
    return Admission(tuple(results), tuple(additions))


def _judge(known: Sequence[Known], upload: Upload) -> FileResult:
    look = upload.look
    if look is None:
        return FileResult(upload.name, Status.REFUSED, None, fault=upload.fault)
    same = next((k.id for k in known if k.sha256 == look.sha256), None)
    if same is not None:
        return FileResult(upload.name, Status.DUPLICATE, same)
    alike = _resembling(known, look.fingerprint)
    status = Status.ACCEPTED if alike is None else Status.NEAR_DUPLICATE
    return FileResult(upload.name, status, reference_id(look.sha256), alike, _notes(look))


def _resembling(known: Sequence[Known], fingerprint: int) -> str | None:
    """The known reference that looks most like this, if any is within `NEAR_DUPLICATE_BITS`."""
    nearest = min(known, key=lambda k: differing_bits(k.fingerprint, fingerprint), default=None)
    if nearest is None or differing_bits(nearest.fingerprint, fingerprint) > NEAR_DUPLICATE_BITS:
        return None
    return nearest.id


def _notes(look: Look) -> tuple[Note, ...]:
    small = (Note.SMALL,) if min(look.width, look.height) < SMALL_SIDE_PX else ()
    return small + ((Note.BLURRED,) if look.sharpness < BLURRED_BELOW else ())
