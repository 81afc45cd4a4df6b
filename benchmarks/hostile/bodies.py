"""Hostile uploads, made small: each is a body that somebody could send, and what it has to be answered."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

MIB = 2**20


@dataclass(frozen=True)
class Hostile:
    """One upload that means no good."""

    name: str
    code: str  # of the refusal: of the whole, or of the file in a job
    limit: str  # that stops it
    make: Callable[[], bytes]
    is_zip: bool = True


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def _picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, kind)
    return out.getvalue()


def _link() -> bytes:
    entry = zipfile.ZipInfo("a.jpg")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return zipped((entry, b"/etc/passwd"))


def _bomb() -> bytes:
    return zipped(("a.jpg", bytes(18 * MIB)))


def _many_bombs() -> bytes:
    return zipped(*((f"{number}.png", bytes(15 * MIB)) for number in range(8)))


def _tame_bombs() -> bytes:
    """Ten files of 18 MiB, packed just loosely enough for the limit of the ratio."""
    data = b"".join(bytes(2**16 - 512) + random.Random(place).randbytes(512) for place in range(288))
    return zipped(*((f"{number}.png", data) for number in range(10)))


def _overlapping() -> bytes:
    """One file that a hundred entries of the table of contents point at."""
    name, data = "a.png", _picture()
    whole = zipped((name, data), method=zipfile.ZIP_STORED)
    at = whole.index(b"PK\x01\x02")
    entry, end = whole[at : whole.index(b"PK\x05\x06")], whole[whole.index(b"PK\x05\x06") :]
    count = 100
    record = bytearray(end)
    struct.pack_into("<HHI", record, 8, count, count, count * len(entry))
    return whole[:at] + entry * count + bytes(record)


def _many() -> bytes:
    """100,000 empty files."""
    return zipped(*((f"{number:06d}.jpg", b"") for number in range(100_000)), method=zipfile.ZIP_STORED)


def _somewhat_many() -> bytes:
    """More files than the limit in a table of contents within its limit."""
    return zipped(*((f"{number}", b"") for number in range(10_001)), method=zipfile.ZIP_STORED)


def _lying(size: int) -> bytes:
    """One file of a mebibyte, whose headers say another size."""
    whole = bytearray(zipped(("a.jpg", bytes(MIB))))
    central = whole.index(b"PK\x01\x02")
    struct.pack_into("<I", whole, 22, size)
    struct.pack_into("<I", whole, central + 24, size)
    return bytes(whole)


def _lying_directory() -> bytes:
    """A table of contents that is said to be 3 GiB, in a file that is as long by a hole of zeros (cut here)."""
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 3 * MIB, 0, 0)
    return bytes(3 * MIB) + end


def _other_name() -> bytes:
    """The file's own header calls it otherwise than the table of contents does."""
    whole = bytearray(zipped(("a.jpg", b"x")))
    whole[30:35] = b"b.png"
    return bytes(whole)


def _encrypted() -> bytes:
    whole = bytearray(zipped(("a.jpg", b"x")))
    whole[6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    return bytes(whole)


def _flood() -> bytes:
    """A PNG whose header says 60,000 x 60,000 pixels: 10.8 GB decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">2I5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(MIB))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _animation() -> bytes:
    """A GIF of 2,000 frames."""
    frames = [Image.new("L", (64, 64), number % 256) for number in range(2000)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


A_FILE = ("a.jpg", b"x")
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
HOSTILE = (
    Hostile("traversal", "archive_unsafe", "no entry may lead out", lambda: zipped(("../../etc/cron.d/a", b"x"))),
    Hostile("absolute path", "archive_unsafe", "no entry may lead out", lambda: zipped(("/etc/a.jpg", b"x"))),
    Hostile("Windows path", "archive_unsafe", "no entry may lead out", lambda: zipped(("C:\\a.jpg", b"x"))),
    Hostile("symbolic link", "archive_unsafe", "plain files only", _link),
    Hostile("encrypted", "archive_unsafe", "no encryption", _encrypted),
    Hostile("other packing", "archive_unsafe", "stored, deflated", lambda: zipped(A_FILE, method=zipfile.ZIP_LZMA)),
    Hostile("bomb of one file", "archive_too_large", "limits.archive_ratio", _bomb),
    Hostile("bomb of many files", "archive_too_large", "limits.archive_ratio", _many_bombs),
    Hostile("bombs within the ratio", "photo_not_image", "limits.file_bytes", _tame_bombs),
    Hostile("overlapping files", "archive_unsafe", "files share no bytes", _overlapping),
    Hostile("100,000 entries", "archive_too_large", "limits.archive_directory_bytes", _many),
    Hostile("10,001 entries", "archive_too_large", "limits.archive_entries", _somewhat_many),
    Hostile("directory said to be huge", "archive_too_large", "limits.archive_directory_bytes", _lying_directory),
    Hostile("size said too small", "archive_unreadable", "what headers say", lambda: _lying(100)),
    Hostile("size said to be 3.9 GiB", "archive_too_large", "limits.archive_ratio", lambda: _lying(4_200_000_000)),
    Hostile("name said otherwise", "archive_unreadable", "what headers say", _other_name),
    Hostile("zip in a zip", "archive_nested", "one level", lambda: zipped(("a.zip", zipped(("b.jpg", b"x"))))),
    Hostile("no zip", "archive_unreadable", "zip", lambda: b"x" * 1000),
    Hostile("truncated zip", "archive_unreadable", "zip", lambda: zipped(("a.png", _picture()))[:-30]),
    Hostile("pixel flood", "photo_too_large", "limits.photo_pixels", lambda: zipped(("a.png", _flood()))),
    Hostile("pixel flood, as a form", "photo_too_large", "limits.photo_pixels", _flood, is_zip=False),
    Hostile("animation of 2,000 frames", "photo_accepted", "first frame only", _animation, is_zip=False),
    Hostile("web page called .jpg", "photo_not_image", "formats", lambda: b"<!doctype html><p>x", is_zip=False),
    Hostile("SVG", "photo_format_unsupported", "formats", lambda: SVG, is_zip=False),
    Hostile("SVG in a zip", "photo_format_unsupported", "formats", lambda: zipped(("a.png", SVG))),
    Hostile("truncated photo", "photo_truncated", "whole files", lambda: _picture("JPEG")[:2000], is_zip=False),
)
