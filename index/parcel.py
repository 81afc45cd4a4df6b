"""A parcel: a zip of reference photos, read within bounds. Nothing in it is believed before it is checked.

Names are never paths here and nothing is unpacked to disk; links and names that lead out are refused all the same,
since whoever packs them means no good.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from index.metadata_table import MAX_BYTES, NAMES, Table, read_table
from index.set_archive import MANIFEST
from vision.errors import (
    ArchiveNested,
    ArchiveTooLarge,
    ArchiveUnreadable,
    ArchiveUnsafe,
    FileTooLarge,
    InputRefused,
)

_MIB = 2**20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_LITTER = frozenset({"thumbs.db", "desktop.ini"})  # beside hidden files and __MACOSX
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SMALL_BYTES = _MIB  # what unpacks to less may be packed as tightly as it likes
_STEP_BYTES = 2**16
_SHOWN = 5  # faults that a message tells
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@dataclass(frozen=True)
class ParcelLimits:
    """What a zip may hold and cost."""

    max_entries: int = 10_000
    max_directory_bytes: int = 2 * _MIB  # of its table of contents, which is read whole
    max_file_bytes: int = 20 * _MIB
    max_unpacked_bytes: int = 4096 * _MIB
    max_ratio: int = 200  # of a file's size to what it takes in the zip; photos are hardly smaller in one


@dataclass(frozen=True)
class Unpacked:
    """One file out of a zip, or why it cannot be taken."""

    name: str
    data: bytes = field(repr=False)
    fault: InputRefused | None = None


class Parcel:
    """An open zip whose table of contents was checked. One user at a time."""

    def __init__(self, file: IO[bytes], limits: ParcelLimits = ParcelLimits()) -> None:
        """Errors: `ArchiveUnreadable`, `ArchiveTooLarge`, `ArchiveUnsafe`."""
        self._limits = limits
        self._zip = _opened(file, limits)
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        _require_few(len(entries), limits)
        _require_safe(self._zip.infolist())
        _require_bounded(entries, _size_of(file), limits)
        wanted = [entry for entry in entries if not _is_litter(entry.filename)]
        self._tables = [entry for entry in wanted if PurePosixPath(entry.filename).name in NAMES]
        self._photos = [entry for entry in wanted if entry not in self._tables]
        if not self._photos:
            raise ArchiveUnreadable("the archive holds no file; put the photos of one brand in it")

    @property
    def names(self) -> list[str]:
        """Of its files, in its order."""
        return [entry.filename for entry in self._photos]

    def table(self) -> Table:
        """Its table of metadata; an empty one where it has none. Errors: `MetadataInvalid`, `ArchiveUnreadable`."""
        if not self._tables:
            return Table()
        entry = self._tables[0]
        unpacked = self._read(entry, MAX_BYTES)
        if len(self._tables) > 1 or unpacked.fault is not None:
            raise unpacked.fault or ArchiveUnreadable(
                f"the archive has {len(self._tables)} tables of metadata, the limit is 1; leave one"
            )
        return read_table(entry.filename, unpacked.data)

    def files(self) -> Iterator[Unpacked]:
        """Its files, one after the other; never more than one is in memory."""
        return (self._read(entry, self._limits.max_file_bytes) for entry in self._photos)

    def _read(self, entry: zipfile.ZipInfo, most: int) -> Unpacked:
        if entry.file_size > most:
            return Unpacked(
                entry.filename,
                b"",
                FileTooLarge(
                    f"{entry.filename[:200]!r} unpacks to {entry.file_size:,} bytes; the limit for a file is {most:,}. "
                    "Send a smaller or more compressed photo."
                ),
            )
        try:
            with self._zip.open(entry) as packed:
                data = b"".join(iter(lambda: packed.read(_STEP_BYTES), b""))  # to the end, where its sum is checked
        except _DAMAGE as fault:
            return Unpacked(entry.filename, b"", _damaged(entry.filename, fault))
        if data.startswith(_ZIP):
            inside = f"{entry.filename[:200]!r} is a zip inside the zip; the limit is one level. Unpack it first."
            return Unpacked(entry.filename, b"", ArchiveNested(inside))
        return Unpacked(entry.filename, data)


class _Bounded:
    """A file of which no piece is read that is larger than a limit: `zipfile` reads as much as a header says."""

    def __init__(self, file: IO[bytes], limits: ParcelLimits) -> None:
        self._file, self._most = file, limits.max_directory_bytes
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """At most the limit."""
        if size > self._most:
            raise ArchiveTooLarge(
                f"the archive's table of contents has {size:,} bytes, the limit is {self._most:,}; "
                "send the photos in several archives"
            )
        return self._file.read(self._most if size < 0 else size)


def _opened(file: IO[bytes], limits: ParcelLimits) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Bounded(file, limits))
    except (*_DAMAGE, UnicodeError) as fault:
        raise ArchiveUnreadable(f"the archive cannot be read ({str(fault)[:100]}); send a whole zip") from None


def _size_of(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def _damaged(name: str, fault: object) -> ArchiveUnreadable:
    return ArchiveUnreadable(f"{name[:200]!r} is damaged in the archive ({str(fault)[:100]}); pack it again")


def _require_few(entries: int, limits: ParcelLimits) -> None:
    if entries > limits.max_entries:
        raise ArchiveTooLarge(
            f"the archive holds {entries:,} files, the limit is {limits.max_entries:,}; send them in several archives"
        )


def _require_safe(entries: Sequence[zipfile.ZipInfo]) -> None:
    faults = [f"{entry.orig_filename[:80]!r} {why}" for entry in entries if (why := _danger(entry))]
    if faults:
        more = f" and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        raise ArchiveUnsafe(
            f"the archive has {len(faults):,} unsafe entries, the limit is 0: {'; '.join(faults[:_SHOWN])}{more}. "
            "Pack plain files with plain names."
        )


def _danger(entry: zipfile.ZipInfo) -> str | None:
    """What is unsafe about an entry."""
    name, mode = entry.orig_filename, entry.external_attr >> 16
    path, windows = PurePosixPath(name.replace("\\", "/")), PureWindowsPath(name)
    if "\0" in name or path.is_absolute() or windows.drive or ".." in path.parts:
        return "leads out of the archive"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    if entry.flag_bits & 1:
        return "is encrypted"
    return None if entry.compress_type in _PACKINGS else "is packed by a method other than stored or deflated"


def _require_bounded(entries: Sequence[zipfile.ZipInfo], size: int, limits: ParcelLimits) -> None:
    """By what the headers say: reading never goes beyond it."""
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.max_unpacked_bytes:
        raise ArchiveTooLarge(
            f"the archive unpacks to {unpacked:,} bytes, the limit is {limits.max_unpacked_bytes:,}; "
            "send the photos in several archives"
        )
    packed = sum(entry.compress_size for entry in entries)
    if packed > size:
        raise ArchiveUnsafe(
            f"the archive's files take {packed:,} bytes of its {size:,}, so they share some; pack each file once"
        )
    for entry in entries:
        if entry.file_size > max(_SMALL_BYTES, limits.max_ratio * entry.compress_size):
            raise ArchiveTooLarge(
                f"{entry.filename[:80]!r} unpacks from {entry.compress_size:,} to {entry.file_size:,} bytes, "
                f"the limit is {limits.max_ratio} to 1; send photos, not what unpacks to them"
            )


def _is_litter(name: str) -> bool:
    """What systems add to a zip by themselves, and the manifest of a set that was exported."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return hidden or parts[-1].lower() in _LITTER or name == MANIFEST
