"""A shard: one brand's vectors, the ids they go by, its codewords and its templates in one immutable, checksummed file.

Its name carries a digest of what it was made from and the sha256 of what it holds. So a shard is found by its
makings and checked by its name, also by a build that goes on where another was killed. Vectors and ids lie in the
file as they are searched, so that they are mapped and never copied; codewords, so that they are read at once.
"""

import hashlib
import io
import json
import mmap
import resource
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index import wholefile
from index.hits import KnnIndex
from index.knn import exact
from vision.errors import ConfigurationError, GalleryDamaged
from vision.finding import inverted
from vision.finding.neighbours import Neighbours
from vision.geometry import codebook
from vision.geometry.codebook import Codewords
from vision.references import enrolment
from vision.references.enrolment import Enrolled, Group
from vision.template import Template

SUFFIX = ".shard"
_MAKINGS = "1"  # what a digest is of, and in which order
_MAGIC, _LENGTH = b"TSSHARD3", struct.Struct("<Q")  # of the header, which is JSON
_ALIGNED = 64  # bytes at which vectors begin
_OTHER_DESCRIPTORS = 1000  # sockets, databases and files that are no shards

# What reading a shard raises where its bytes are not what they were.
_ALTERED = (BadZipFile, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error)

_WORD = np.dtype([("word", "<u2"), ("signature", "<u8")])  # unaligned: they are copied when they are read

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Shard:
    """What is searched and compared of one brand."""

    brand: str
    vectors: NDArray[np.float32]  # [M, D] unit; several a reference: the whole photo, the crop of its mark
    references: NDArray[np.str_]  # [M] reference id of each vector
    templates: tuple[Template, ...]
    groups: tuple[Group, ...] = ()  # of its references, as enrolment found them


@dataclass(frozen=True, eq=False)
class MappedShard:
    """A shard's file, checked and mapped into memory; still good after the file is swept away."""

    brand: str
    file: str
    vectors: NDArray[np.float32]  # [M, D] unit, in the file
    references: NDArray[np.bytes_]  # [M] reference id of each vector, in ASCII, in the file
    words: NDArray[np.void]  # [V] of _WORD: what its marks show, in the file
    mapped: mmap.mmap
    templates_at: int  # byte where the templates begin

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map and check a shard; `GalleryDamaged` where it is absent or altered."""
        mapped, checksum = _map(path)
        if checksum != checksum_in(path.name):
            raise _damaged(path.name, "its bytes do not match its checksum")
        try:
            header, end = _header(mapped)
            rows, width, size = header["rows"], header["width"], header["id_bytes"]
            vectors = np.frombuffer(mapped, np.float32, rows * width, _aligned(end)).reshape(rows, width)
            references = np.frombuffer(mapped, f"S{size}", rows, _aligned(end) + vectors.nbytes)
            words_at = _aligned(end) + vectors.nbytes + references.nbytes
            words = np.frombuffer(mapped, _WORD, header["words"], words_at)
        except _ALTERED as fault:
            raise _damaged(path.name, str(fault)) from fault
        opened = cls(header["brand"], path.name, vectors, references, words, mapped, words_at + words.nbytes)
        opened.give_back()  # to read the header, the system maps up to 2 MB around it
        return opened

    @property
    def rows(self) -> int:
        """Vectors M."""
        return len(self.vectors)

    @cached_property
    def index(self) -> KnnIndex:
        """Searches the vectors, exactly."""
        return exact(self.vectors)

    def nearest(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The brand's `k` nearest vectors of each query `[Q, D]`."""
        hits = self.index.search(queries, k)
        found = hits.row >= 0  # [Q, K]
        reference = np.full(found.shape, "", np.object_)
        reference[found] = [self.name(row) for row in hits.row[found].tolist()]
        return Neighbours(hits.distance, reference, np.where(found, self.brand, "").astype(np.object_))

    def codewords(self) -> Codewords:
        """What its marks show `[V, 1]`, read anew."""
        words = self.words.copy()
        first = (self.templates_at - words.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
        self.mapped.madvise(mmap.MADV_DONTNEED, first, self.templates_at - first)  # vectors may be in use
        return Codewords(words["word"][:, None], words["signature"][:, None])

    def name(self, row: int) -> str:
        """The reference that a vector is of; `GalleryDamaged` where the file was altered since it was checked."""
        try:
            return str(self.references[row].decode("ascii"))
        except UnicodeDecodeError as fault:
            raise _damaged(self.file, "its ids are not what they were") from fault

    def give_back(self) -> None:
        """Hold none of the file in memory until it is read again."""
        self.mapped.madvise(mmap.MADV_DONTNEED)

    def templates(self) -> tuple[Template, ...]:
        """The brand's templates, read anew."""
        return self.enrolled().templates

    def enrolled(self) -> Enrolled:
        """The brand's templates and the groups they were made of, read anew; a shard made of old has no groups."""
        try:
            with np.load(io.BytesIO(memoryview(self.mapped)[self.templates_at :]), allow_pickle=False) as members:
                arrays = {name: members[name] for name in members.files}
            prefixes = (f"template.{i}." for i in range(int(arrays["template_count"])))
            templates = tuple(Template.from_arrays(_under(prefix, arrays)) for prefix in prefixes)
            return Enrolled(templates, _groups(_under("groups.", arrays)))
        except _ALTERED as fault:
            raise _damaged(self.file, str(fault)) from fault


def make_room(shards: int) -> None:
    """Let this process hold a gallery of so many shards open: Python keeps a descriptor for each mapped file.

    There is room for a second one that shares none with it, if the system allows. `ConfigurationError` where its hard
    limit forbids one.
    """
    needed, wanted = shards + _OTHER_DESCRIPTORS, 2 * shards + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard) and hard < needed:
        raise ConfigurationError(
            f"a gallery of {shards} brands needs {needed} open files, the limit is {hard}; raise it (ulimit -Hn)"
        )
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def digest(brand: str, sha256s: Sequence[str], embedder: str) -> str:
    """Names what a shard is made from: brand, photos in their order, embedder and what makes templates."""
    makings = "\n".join([_MAKINGS, brand, embedder, templates_version(), *sha256s])
    return hashlib.sha256(makings.encode()).hexdigest()[:32]


def templates_version() -> str:
    """Names what makes templates and codes them: a shard that another made is not used."""
    return f"{enrolment.VERSION}.{inverted.VERSION}.{codebook.fingerprint()}"


def digest_in(file: str) -> str:
    """What a shard was made from, by its file name."""
    return file.split(".")[0]


def checksum_in(file: str) -> str:
    """The sha256 a shard's bytes should have, by its file name."""
    return file.split(".")[1]


def copy(found: MappedShard, folder: Path) -> MappedShard:
    """The same shard in another folder, durable when this returns."""
    wholefile.write(folder / found.file, bytes(found.mapped))
    return MappedShard.open(folder / found.file)


def write(shard: Shard, made_from: str, folder: Path) -> MappedShard:
    """Write a shard, durable when this returns, and open it."""
    data = _pack(shard)
    path = folder / f"{made_from}.{hashlib.sha256(data).hexdigest()}{SUFFIX}"
    wholefile.write(path, data)
    return MappedShard.open(path)


def _pack(shard: Shard) -> bytes:
    ids = np.char.encode(shard.references, "ascii")
    (rows, width), words = shard.vectors.shape, _packed_words(shard.templates)
    header = {
        "brand": shard.brand,
        "rows": rows,
        "width": width,
        "id_bytes": ids.dtype.itemsize,
        "words": len(words),
    }
    encoded = json.dumps(header).encode()
    start = _MAGIC + _LENGTH.pack(len(encoded)) + encoded
    vectors = np.ascontiguousarray(shard.vectors, np.float32).tobytes()
    searched = vectors + ids.tobytes() + words.tobytes()
    return start.ljust(_aligned(len(start)), b"\0") + searched + _packed_templates(shard)


def _packed_words(templates: Sequence[Template]) -> NDArray[np.void]:
    entered = inverted.entries(templates, codebook.carried())
    packed = np.empty(len(entered), _WORD)
    packed["word"], packed["signature"] = entered.word[:, 0], entered.signature[:, 0]
    return packed


def _packed_templates(shard: Shard) -> bytes:
    arrays: dict[str, NDArray[np.generic]] = {"template_count": np.array(len(shard.templates))}
    arrays |= {f"groups.{name}": array for name, array in _arrays_of(shard.groups).items()}
    for i, template in enumerate(shard.templates):
        arrays |= {f"template.{i}.{name}": array for name, array in template.to_arrays().items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _arrays_of(groups: Sequence[Group]) -> Arrays:
    if not groups:
        return {}
    return {
        "sizes": np.array([len(group.ids) for group in groups]),
        "ids": np.array([reference_id for group in groups for reference_id in group.ids], np.str_),
        "to_anchor": np.concatenate([group.to_anchor for group in groups]),
    }


def _groups(arrays: Arrays) -> tuple[Group, ...]:
    if not arrays:
        return ()
    ends = np.cumsum(np.asarray(arrays["sizes"], np.int64))[:-1]
    ids, maps = (np.split(arrays[name], ends) for name in ("ids", "to_anchor"))
    return tuple(Group(tuple(map(str, i)), np.asarray(to, np.float64)) for i, to in zip(ids, maps, strict=True))


def _header(mapped: mmap.mmap) -> tuple[dict[str, Any], int]:
    """What a shard says of itself, and the byte where that ends."""
    start = len(_MAGIC) + _LENGTH.size
    if mapped[: len(_MAGIC)] != _MAGIC:
        raise ValueError("it is no shard")
    (length,) = _LENGTH.unpack(mapped[len(_MAGIC) : start])
    return json.loads(mapped[start : start + length]), start + length


def _aligned(position: int) -> int:
    return -(-position // _ALIGNED) * _ALIGNED


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _map(path: Path) -> tuple[mmap.mmap, str]:
    """A file mapped, and its sha256: read, not looked up in the map, which would count as memory held."""
    try:
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), checksum
    except (FileNotFoundError, ValueError) as fault:  # ValueError: an empty file
        raise _damaged(path.name, str(fault)) from fault


def _damaged(file: str, why: str) -> GalleryDamaged:
    return GalleryDamaged(f"shard {file} of the gallery cannot be used: {why}; build the gallery again from the store")
