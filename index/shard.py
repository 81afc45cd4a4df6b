"""A shard: one brand's vectors and templates in one immutable, checksummed file.

Its name carries a digest of what it was made from and the sha256 of what it holds. So a shard is found by its
makings and checked by its name, also by a build that goes on where another was killed.
"""

import hashlib
import io
import mmap
import resource
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index import wholefile
from vision import enrolment
from vision.errors import ConfigurationError, GalleryDamaged
from vision.template import Template

_FORMAT = "1"
_OTHER_DESCRIPTORS = 1000  # sockets, databases and files that are no shards

# What reading a zip of arrays raises where its bytes are not what they were.
_ALTERED = (BadZipFile, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error)

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Shard:
    """What is searched and compared of one brand."""

    brand: str
    vectors: NDArray[np.float32]  # [M, D] unit; several a reference: the whole photo, the crop of its mark
    references: NDArray[np.str_]  # [M] reference id of each vector
    templates: tuple[Template, ...]


@dataclass(frozen=True, eq=False)
class MappedShard:
    """A shard's file, checked and mapped into memory; still good after the file is swept away."""

    brand: str
    file: str
    rows: int  # M
    mapped: mmap.mmap

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map and check a shard; `GalleryDamaged` where it is absent or altered."""
        mapped = _map(path)
        if hashlib.sha256(mapped).hexdigest() != checksum_in(path.name):
            raise _damaged(path.name, "its bytes do not match its checksum")
        arrays = _unpack(path.name, mapped, ("brand", "references"))
        return cls(str(arrays["brand"]), path.name, len(arrays["references"]), mapped)

    def search_part(self) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        """Vectors `[M, D]` and the reference id of each `[M]`."""
        arrays = _unpack(self.file, self.mapped, ("vectors", "references"))
        return np.asarray(arrays["vectors"], np.float32), np.asarray(arrays["references"], np.str_)

    def templates(self) -> tuple[Template, ...]:
        """The brand's templates, read anew."""
        arrays = _unpack(self.file, self.mapped, None)
        prefixes = (f"template.{i}." for i in range(int(arrays["template_count"])))
        return tuple(Template.from_arrays(_under(prefix, arrays)) for prefix in prefixes)


def make_room(shards: int) -> None:
    """Let this process hold open two galleries of so many shards: Python keeps a descriptor for each mapped file.

    `ConfigurationError` where the system's hard limit forbids it.
    """
    wanted = 2 * shards + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard) and hard < wanted:
        raise ConfigurationError(
            f"a gallery of {shards} brands needs {wanted} open files, the limit is {hard}; raise it (ulimit -Hn)"
        )
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def digest(brand: str, sha256s: Sequence[str], embedder: str) -> str:
    """Names what a shard is made from: brand, photos in their order, embedder and the templates' maker."""
    makings = "\n".join([_FORMAT, brand, embedder, enrolment.VERSION, *sha256s])
    return hashlib.sha256(makings.encode()).hexdigest()[:32]


def digest_in(file: str) -> str:
    """What a shard was made from, by its file name."""
    return file.split(".")[0]


def checksum_in(file: str) -> str:
    """The sha256 a shard's bytes should have, by its file name."""
    return file.split(".")[1]


def find(made_from: str, folder: Path) -> MappedShard | None:
    """The shard made from this, if it is there and whole."""
    for path in sorted(folder.glob(f"{made_from}.*.npz")):
        try:
            return MappedShard.open(path)
        except GalleryDamaged:
            path.unlink(missing_ok=True)
    return None


def write(shard: Shard, made_from: str, folder: Path) -> MappedShard:
    """Write a shard, durable when this returns, and open it."""
    data = _pack(shard)
    path = folder / f"{made_from}.{hashlib.sha256(data).hexdigest()}.npz"
    wholefile.write(path, data)
    return MappedShard.open(path)


def _pack(shard: Shard) -> bytes:
    arrays: dict[str, NDArray[np.generic]] = {
        "brand": np.array(shard.brand, np.str_),
        "vectors": shard.vectors,
        "references": shard.references,
        "template_count": np.array(len(shard.templates)),
    }
    for i, template in enumerate(shard.templates):
        arrays |= {f"template.{i}.{name}": array for name, array in template.to_arrays().items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(file: str, mapped: mmap.mmap, names: Sequence[str] | None) -> Arrays:
    """Arrays of a shard by name, or all."""
    try:
        with np.load(io.BytesIO(mapped), allow_pickle=False) as members:
            return {name: members[name] for name in (names or members.files)}
    except _ALTERED as fault:
        raise _damaged(file, str(fault)) from fault


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _map(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError) as fault:  # ValueError: an empty file
        raise _damaged(path.name, str(fault)) from fault


def _damaged(file: str, why: str) -> GalleryDamaged:
    return GalleryDamaged(f"shard {file} of the gallery cannot be used: {why}; build the gallery again from the store")
