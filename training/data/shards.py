"""WebDataset shards: tar files of photographs, each with a JSON of its brand beside it.

Named and grouped as the webdataset library does it. The shards lie on a disk: each photograph's place is noted once
and it is read from there, so that brands can be drawn evenly and a stopped run goes on exactly where it was.
"""

import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from webdataset.shardlists import expand_urls
from webdataset.tariterators import base_plus_ext

from training.config import expand
from training.data.entry import Entry, entry, faults, require_sound
from vision.errors import ManifestInvalid
from vision.photo import decode

_PICTURES = ("jpg", "jpeg", "png", "webp")


@dataclass(frozen=True)
class Place:
    """Where one file lies within a shard."""

    shard: Path
    offset: int
    size: int

    def read(self) -> bytes:
        """Its bytes."""
        with self.shard.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)


@dataclass(frozen=True)
class Shards:
    """The photographs within shards."""

    entries: tuple[Entry, ...]
    places: tuple[Place, ...]

    def image(self, row: int) -> NDArray[np.uint8]:
        """One photograph, upright RGB."""
        return decode(self.places[row].read()).pixels


def read(patterns: Sequence[str]) -> Shards:
    """The photographs of shards named by paths with braces, as `goods-{000..031}.tar`.

    Beside each photograph a `.json` says `brand` and `label`, and may say `product`, `caption` and `split`.
    Errors: `ManifestInvalid` with all faults told together.
    """
    paths = [Path(url) for pattern in patterns for url in expand_urls(str(expand(pattern)))]
    absent = [f"{path}: no such shard" for path in paths if not path.is_file()]
    require_sound(", ".join(patterns), absent, (Entry("any", False, "", "", "train"),))
    samples = [(path, key, files) for path in paths for key, files in _samples(path)]
    found, entries, places = [], [], []
    for path, key, files in samples:
        picture = next((files[kind] for kind in _PICTURES if kind in files), None)
        values, wrong = _values(f"{path.name}: {key}", files.get("json"))
        found += wrong + ([] if picture else [f"{path.name}: {key}: no picture; use {', '.join(_PICTURES)}"])
        if picture and not wrong:
            entries.append(entry(values))
            places.append(picture)
    require_sound(", ".join(patterns), found, entries)
    return Shards(tuple(entries), tuple(places))


def _samples(path: Path) -> Iterator[tuple[str, dict[str, Place]]]:
    """Each sample's files by their extension; a sample's files stand together."""
    key, files = "", dict[str, Place]()
    try:
        with tarfile.open(path) as shard:
            for member in filter(tarfile.TarInfo.isreg, shard):
                base, extension = base_plus_ext(member.name)
                if base != key and files:
                    yield key, files
                key, files = base, (files if base == key else {})
                files[str(extension).lower()] = Place(path, member.offset_data, member.size)
    except tarfile.TarError as fault:
        raise ManifestInvalid(f"{path} cannot be read as a tar file: {fault}") from fault
    if files:
        yield key, files


def _values(place: str, described: Place | None) -> tuple[dict[str, str], list[str]]:
    """What a sample's JSON says, and what is wrong with it."""
    if described is None:
        return {}, [f"{place}: no .json beside it that says brand and label"]
    try:
        said: Any = json.loads(described.read())
    except ValueError as fault:
        return {}, [f"{place}: its .json cannot be read: {fault}"]
    if not isinstance(said, dict):
        return {}, [f"{place}: its .json holds no brand and label"]
    values = {str(name): "" if value is None else str(value) for name, value in said.items()}
    return values, list(faults(place, values))
