"""A brand's reference set and its rules of admission. Pure: no store, no clock, no file."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vision.errors import BrandNameInvalid, InputRefused
from vision.photo import Photo, PhotoLimits, decode

MAX_BRAND_LENGTH = 64
NEAR_DUPLICATE_BITS = 6  # of 64 fingerprint bits; a re-compressed or resized copy differs by fewer
SMALL_SIDE_PX = 160  # a shorter side below this leaves little of a mark to compare
BLURRED_BELOW = 60.0  # variance of the Laplacian at `_SHARPNESS_SIDE_PX`, in squared grey levels

_BRAND = re.compile(r"[^\W_](?:[^\W_]|[ ._&+'-])*")  # [^\W_]: a letter or digit of any script
_FINGERPRINT_SIDE_PX = 32
_SHARPNESS_SIDE_PX = 512


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
class Look:
    """What is measured of one photo; the pixels themselves are not kept."""

    sha256: str  # of the bytes as uploaded
    format: str
    width: int  # px, upright
    height: int
    fingerprint: int  # 64 bits, alike for photos that look alike
    sharpness: float  # variance of the Laplacian, grey levels squared


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
    if len(brand) > MAX_BRAND_LENGTH or not _BRAND.fullmatch(brand):
        raise BrandNameInvalid(
            f"brand {name!r} ({len(brand)} characters) cannot be an id; use 1 to {MAX_BRAND_LENGTH} letters, digits, "
            "spaces or any of ._&+'- and start with a letter or digit"
        )
    return brand


def reference_id(sha256: str) -> str:
    """The id of the reference with these bytes, within its brand: uploading it twice names it twice alike."""
    return sha256[:16]


def receive(name: str, data: bytes, limits: PhotoLimits = PhotoLimits()) -> Upload:
    """Decode and measure one file. What is wrong with it is kept in `fault`, not raised."""
    try:
        return Upload(name, data, look_at(decode(data, limits)), None)
    except InputRefused as fault:
        return Upload(name, data, None, fault)


def look_at(photo: Photo) -> Look:
    """Measure one photo."""
    fingerprint, sharpness = fingerprint_of(photo.pixels), sharpness_of(photo.pixels)
    return Look(photo.sha256, photo.format, photo.width, photo.height, fingerprint, sharpness)


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


def differing_bits(a: int, b: int) -> int:
    """Hamming distance of two fingerprints, 0..64."""
    return (a ^ b).bit_count()


def fingerprint_of(pixels: NDArray[np.uint8]) -> int:
    """64-bit perceptual hash of an RGB image `[H, W, 3]`: signs of its 64 lowest cosine frequencies about their median.

    Survives resizing and re-compression; after Zauner, "Implementation and benchmarking of perceptual image hash
    functions" (2010), section 3.2.2, here without the constant term.
    """
    grey = Image.fromarray(pixels).convert("L").resize((_FINGERPRINT_SIDE_PX,) * 2, Image.Resampling.BOX)
    basis, rows, columns = _cosines(_FINGERPRINT_SIDE_PX)
    spectrum = basis @ np.asarray(grey, np.float64) @ basis.T  # [S, S]
    lowest = spectrum[rows, columns]  # [64]
    bits = lowest > np.median(lowest)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@lru_cache(maxsize=1)
def _cosines(side: int) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """DCT-II basis `[S, S]` and the rows and columns of its 64 lowest frequencies but the constant."""
    steps = np.arange(side)
    basis = np.cos(np.pi / side * (steps[None] + 0.5) * steps[:, None])
    u, v = np.indices((side, side)).reshape(2, -1)
    order = np.lexsort((u, u + v))[1:65]
    return basis, u[order], v[order]


def sharpness_of(pixels: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian of an RGB image `[H, W, 3]` at one size, so that large and small photos compare."""
    image = Image.fromarray(pixels).convert("L")
    image.thumbnail((_SHARPNESS_SIDE_PX, _SHARPNESS_SIDE_PX), Image.Resampling.BOX)
    grey = np.asarray(image, np.float32)
    if min(grey.shape) < 3:
        return 0.0
    sides = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.var(sides - 4 * grey[1:-1, 1:-1]))
