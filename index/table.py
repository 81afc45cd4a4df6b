"""Table: the rows of a CSV file that names listings."""

import csv
from collections.abc import Sequence
from pathlib import Path

from vision.errors import ListingsInvalid


def read_rows(table: Path, required: Sequence[str]) -> list[dict[str, str | None]]:
    """The rows by column, a cell that a short line lacks as None; `ListingsInvalid` without the `required` columns."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns, rows = list(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise ListingsInvalid(
            f"{table} cannot be read as a CSV table ({fault}); columns are {','.join(required)}"
        ) from fault
    missing = [name for name in required if name not in columns]
    if missing:
        raise ListingsInvalid(f"{table} lacks the columns {', '.join(missing)}; it has {', '.join(columns) or 'none'}")
    return rows
