"""A listings table: photographs with what is known of them, `path,brand,label` and further columns."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from index.reference_set import brand_id
from index.table import read_rows
from vision.errors import ListingsInvalid

LABELS = ("genuine", "counterfeit", "unrelated")
REQUIRED = ("path", "brand", "label")


@dataclass(frozen=True)
class Listing:
    """One row: a photograph, its true brand (None where unrelated) and label."""

    path: str  # as written, relative to the table
    file: Path
    brand: str | None
    label: str
    slices: dict[str, str]  # further columns


def read(table: Path, brands: Collection[str]) -> list[Listing]:
    """The rows of a listings table, all faults told at once; `ListingsInvalid`.

    A row whose brand is not among `brands` is a fault. A missing photo is not: it is that row's own error.
    """
    rows = read_rows(table, REQUIRED)
    faults = [fault for line, row in enumerate(rows, 2) for fault in _faults(line, row, brands)]
    if faults:
        shown = "; ".join(faults[:20]) + (f"; and {len(faults) - 20} more" if len(faults) > 20 else "")
        raise ListingsInvalid(f"{table}: {shown}")
    if not rows:
        raise ListingsInvalid(f"{table} has no rows; give at least one listing")
    return [_listing(table.parent, row) for row in rows]


def _faults(line: int, row: dict[str, str | None], brands: Collection[str]) -> list[str]:
    found = []
    if not (row["path"] or "").strip():
        found.append(f"line {line}: no path")
    if row["label"] not in LABELS:
        found.append(f"line {line}: label {row['label']!r}; use {', '.join(LABELS)}")
    name = (row["brand"] or "").strip()
    if row["label"] in LABELS[:2] and not name:
        found.append(f"line {line}: a {row['label']} listing needs its brand")
    if name and brand_id(name) not in brands:
        found.append(f"line {line}: brand {name!r} is not among the references")
    return found


def _listing(folder: Path, row: dict[str, str | None]) -> Listing:
    path, brand = (row["path"] or "").strip(), (row["brand"] or "").strip()
    extra = {k: v or "" for k, v in row.items() if k is not None and k not in REQUIRED}
    return Listing(path, folder / path, brand_id(brand) if brand else None, row["label"] or "", extra)
