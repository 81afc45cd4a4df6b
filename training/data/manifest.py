"""A manifest: a CSV or Parquet table of photographs, `path,brand,label` and if known `product,caption,split`."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.entry import KNOWN, REQUIRED, Entry, entry, faults, require_sound
from vision.errors import ManifestInvalid
from vision.photo import decode


@dataclass(frozen=True)
class Manifest:
    """The photographs that a table names."""

    entries: tuple[Entry, ...]
    files: tuple[Path, ...]

    def image(self, row: int) -> NDArray[np.uint8]:
        """One photograph, upright RGB."""
        return decode(self.files[row].read_bytes()).pixels


def read(path: Path) -> Manifest:
    """The photographs of a table, whose paths are relative to it.

    Errors: `ManifestInvalid` with all faults of all rows and columns told together.
    """
    rows = _rows(path)
    found: list[str] = []
    for number, row in rows:
        found.extend(faults(f"row {number}", row))
        file = row["path"].strip()
        if not file or not (path.parent / file).is_file():
            found.append(f"row {number}: no file {file!r} beside the manifest" if file else f"row {number}: no path")
    entries = tuple(entry(row) for _, row in rows)
    require_sound(str(path), found, entries)
    return Manifest(entries, tuple(path.parent / row["path"].strip() for _, row in rows))


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows with their number, as a spreadsheet or a reader of Parquet counts them."""
    try:
        columns, rows, first = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as fault:
        raise ManifestInvalid(f"{path} cannot be read as CSV or Parquet: {fault}") from fault
    missing = [name for name in ("path", *REQUIRED) if name not in columns]
    strange = [name for name in columns if name not in ("path", *KNOWN)]
    if missing or strange:
        told = (f"lacks {', '.join(missing)}" * bool(missing), f"has unknown {', '.join(strange)}" * bool(strange))
        raise ManifestInvalid(f"{path} {' and '.join(filter(None, told))}; columns are path, {', '.join(KNOWN)}")
    return [(number, {name: _text(row.get(name)) for name in columns}) for number, row in enumerate(rows, first)]


def _csv(path: Path) -> tuple[Sequence[str], list[dict[str, Any]], int]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        return list(reader.fieldnames or ()), list(reader), 2  # the header is row 1


def _parquet(path: Path) -> tuple[Sequence[str], list[dict[str, Any]], int]:
    from pyarrow import parquet

    table = parquet.read_table(path)
    return table.column_names, table.to_pylist(), 1


def _text(value: object) -> str:
    return "" if value is None else str(value)
