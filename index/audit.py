"""Audit: listings of brands that people confirmed to be genuine, as a folder or a table names them.

They must be a random sample of a brand's genuine listings. Those reviewed because they were flagged are no such
sample: they score higher than others, and a threshold set by them lets counterfeits pass.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.folder import brand_folders
from index.reference_set import brand_id
from index.table import read_rows
from vision.errors import BrandNameInvalid, ListingsInvalid

REQUIRED = ("path", "brand")
_SHOWN = 20  # faults told in one message


@dataclass(frozen=True)
class Audited:
    """One confirmed-genuine listing."""

    name: str
    files: tuple[Path, ...]  # its photos


def read(source: Path, brands: Collection[str]) -> dict[str, tuple[Audited, ...]]:
    """Listings by brand: of a folder `<brand>/*.jpg`, a listing a photo, or of a table `path,brand[,listing]`.

    `brands` are those that may be named. Errors: `ListingsInvalid`, `FolderInvalid`, `BrandNameInvalid`.
    """
    return _of_folder(source, brands) if source.is_dir() else _of_table(source, brands)


def _of_folder(root: Path, brands: Collection[str]) -> dict[str, tuple[Audited, ...]]:
    folders = brand_folders(root)
    unknown = sorted(set(folders) - set(brands))
    if unknown:
        raise ListingsInvalid(f"{root}: not enrolled: {', '.join(unknown)}; enrol them first, or correct the names")
    return {brand: tuple(Audited(path.name, (path,)) for path in paths) for brand, paths in folders.items()}


def _of_table(table: Path, brands: Collection[str]) -> dict[str, tuple[Audited, ...]]:
    read_in = read_rows(table, REQUIRED)
    rows = [{key: value or "" for key, value in row.items() if key is not None} for row in read_in]
    faults = [f"line {line}: {fault}" for line, row in enumerate(rows, 2) if (fault := _fault(row, brands))]
    if faults or not rows:
        raise ListingsInvalid(f"{table}: {'; '.join(faults[:_SHOWN]) or 'no rows; give at least one listing'}")
    found: dict[str, dict[str, list[Path]]] = {}
    for row in rows:
        path, listing = row["path"].strip(), row.get("listing", "").strip()
        found.setdefault(brand_id(row["brand"].strip()), {}).setdefault(listing or path, []).append(table.parent / path)
    return {
        brand: tuple(Audited(name, tuple(files)) for name, files in listings.items())
        for brand, listings in found.items()
    }


def _fault(row: Mapping[str, str], brands: Collection[str]) -> str | None:
    if not row["path"].strip():
        return "no path"
    if row.get("label", "genuine") != "genuine":
        return f"label {row['label']!r}; only genuine listings calibrate"
    try:
        known = brand_id(row["brand"].strip()) in brands
    except BrandNameInvalid as fault:
        return str(fault)
    return None if known else f"brand {row['brand']!r} is not enrolled"
