"""What is uploaded: the photos of a folder or a zip, one after the other, and what a table says of them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from index.folder import SUFFIXES
from index.metadata import NOTHING, Metadata
from index.metadata_table import NAMES, Table, read_table
from index.parcel import Parcel, Unpacked
from vision.errors import ConfigurationError, FolderInvalid, InputRefused

_TOGETHER_BYTES = 16 * 2**20  # of a request, or just over


@dataclass(frozen=True)
class Outgoing:
    """One photo to be sent, or why it cannot be."""

    name: str
    data: bytes = field(repr=False)
    metadata: Metadata = NOTHING
    fault: InputRefused | None = None

    @cached_property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Source:
    """Photos in an order that stays the same while they do, one in memory at a time."""

    names: Sequence[str]
    said: Sequence[Metadata]
    unpacked: Callable[[], Iterator[Unpacked]]

    def batches(self, most: int) -> Iterator[list[Outgoing]]:
        """At most so many photos together; the same photos make the same batches."""
        batch: list[Outgoing] = []
        for file, metadata in zip(self.unpacked(), self.said, strict=True):
            batch.append(Outgoing(file.name, file.data, metadata, file.fault))
            if len(batch) >= most or sum(len(each.data) for each in batch) >= _TOGETHER_BYTES:
                yield batch
                batch = []
        if batch:
            yield batch


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The photos at a path; `FolderInvalid`, `MetadataInvalid`, `Archive...`, `ConfigurationError`."""
    if path.is_dir():
        yield _of_folder(path)
    elif path.is_file():
        with path.open("rb") as file:
            parcel = Parcel(file)
            yield Source(parcel.names, parcel.table().of(parcel.names), parcel.files)
    else:
        raise ConfigurationError(f"{path} is no folder and no zip; give one that holds a brand's photos")


def _of_folder(root: Path) -> Source:
    paths = sorted(path for path in root.rglob("*") if _is_photo(path.relative_to(root)) and path.is_file())
    if not paths:
        raise FolderInvalid(f"{root} holds no photo; put the photos of one brand in it")
    names = [path.relative_to(root).as_posix() for path in paths]
    table = _table_of(root)
    return Source(
        names, table.of(names), lambda: (Unpacked(n, p.read_bytes()) for n, p in zip(names, paths, strict=True))
    )


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in path.parts)


def _table_of(root: Path) -> Table:
    """The table that lies in a folder, or beside it."""
    places = [folder / name for folder in (root, root.resolve().parent) for name in NAMES]
    found = next((place for place in places if place.is_file()), None)
    return Table() if found is None else read_table(found.name, found.read_bytes())
