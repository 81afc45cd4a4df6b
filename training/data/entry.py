"""Entries: photographs of real marks, with what is known of each, from a manifest or from shards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.backdrop import PRODUCTS
from vision.errors import ManifestInvalid

LABELS = ("genuine", "counterfeit")
SPLITS = ("train", "validation", "test")
REQUIRED = ("brand", "label")
KNOWN = (*REQUIRED, "product", "caption", "split")
_MOST_SHOWN = 40


@dataclass(frozen=True)
class Entry:
    """One photograph of a brand's mark."""

    brand: str
    forged: bool
    product: str  # of `PRODUCTS`, or empty
    caption: str  # empty where none was written
    split: str  # of `SPLITS`, or empty: then the brand's name decides


class Album(Protocol):
    """Photographs that can be opened in any order."""

    @property
    def entries(self) -> Sequence[Entry]:
        """What is known of each."""
        ...

    def image(self, row: int) -> NDArray[np.uint8]:
        """One photograph, upright RGB `[H, W, 3]`. Errors: those of `vision.photo`, naming the photograph."""
        ...


@dataclass(frozen=True)
class Albums:
    """Several albums as one."""

    albums: tuple[Album, ...]

    @property
    def entries(self) -> Sequence[Entry]:
        """What is known of each photograph."""
        return tuple(each for album in self.albums for each in album.entries)

    def image(self, row: int) -> NDArray[np.uint8]:
        """One photograph, upright RGB."""
        for album in self.albums:
            if row < len(album.entries):
                return album.image(row)
            row -= len(album.entries)
        raise IndexError(row)


def entry(values: Mapping[str, str]) -> Entry:
    """What a row without faults says."""
    cell = {name: values.get(name, "").strip() for name in KNOWN}
    return Entry(cell["brand"].lower(), cell["label"] == LABELS[1], cell["product"], cell["caption"], cell["split"])


def faults(place: str, values: Mapping[str, str]) -> Iterator[str]:
    """Everything wrong with one row's values, each beginning with the row's place."""
    if not values.get("brand", "").strip():
        yield f"{place}: no brand"
    for name, accepted in (("label", LABELS), ("product", (*PRODUCTS, "")), ("split", (*SPLITS, ""))):
        value = values.get(name, "").strip()
        if value not in accepted:
            yield f"{place}: {name} {value!r}; use {', '.join(filter(None, accepted))}"


def require_sound(source: str, found: Sequence[str], entries: Sequence[Entry]) -> None:
    """Refuse a source with faults, all of them told together; `ManifestInvalid`."""
    told = [*found, *([] if found else _unfit_brands(entries))]
    if told:
        shown = "\n".join(told[:_MOST_SHOWN]) + (f"\nand {len(told) - _MOST_SHOWN} more" * (len(told) > _MOST_SHOWN))
        raise ManifestInvalid(f"{source} has {len(told)} fault(s):\n{shown}")
    if not entries:
        raise ManifestInvalid(f"{source} has no rows; give at least one photograph")


def by_brand(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """Rows of each brand, brands in the order of their names."""
    rows: dict[str, list[int]] = {}
    for row, each in enumerate(entries):
        rows.setdefault(each.brand, []).append(row)
    return dict(sorted(rows.items()))


def _unfit_brands(entries: Sequence[Entry]) -> Iterator[str]:
    """A brand is learned from or validated with, never both; and it needs genuine photographs to be retrieved by."""
    for name, rows in by_brand(entries).items():
        own = [entries[row] for row in rows if entries[row].split != "test"]
        splits = {each.split for each in own}
        if len(splits) > 1:
            said = " and ".join(sorted(split or "empty" for split in splits))
            yield f"brand {name}: split is {said}; hold it out whole"
        genuine = sum(not each.forged for each in own)
        if own and genuine < (least := 1 if splits == {"train"} else 2):
            yield f"brand {name}: {genuine} genuine photograph(s); it needs {least}"
