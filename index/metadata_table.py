"""A table of metadata, CSV or JSON, a row a file; and which file each row is of. All faults are told together."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from index.metadata import FIELDS, Metadata, read
from vision.errors import MetadataInvalid

NAMES = ("metadata.csv", "metadata.json")  # of a table that lies in a zip or a folder
MAX_BYTES = 8 * 2**20
FILE = "file"  # the column that names the file
_UNREADABLE = "save it as UTF-8 CSV with a header, or as JSON: a list of objects, each with `file`"


@dataclass(frozen=True)
class Table:
    """Metadata by file name as the table writes it."""

    name: str = "metadata"
    rows: Mapping[str, Metadata] = field(default_factory=dict)

    def of(self, files: Sequence[str]) -> list[Metadata]:
        """The metadata of each file: the row of its path, or of its last part where no other file has it.

        Errors: `MetadataInvalid`, which names every row that is of no file, or of several.
        """
        paths = [_path(file) for file in files]
        ends = Counter(_end(path) for path in paths)
        used: set[str] = set()
        found = []
        for path in paths:
            row = path if path in self.rows else _end(path) if ends[_end(path)] == 1 else ""
            used.add(row)
            found.append(self.rows.get(row, Metadata()))
        stray = [row for row in self.rows if row not in used]
        if stray:
            raise refusal([(f"{self.name}, {row!r}", _why_stray(row, ends)) for row in stray])
        return found


def read_table(name: str, data: bytes) -> Table:
    """A table out of its bytes; `MetadataInvalid` with everything that is wrong with it."""
    if len(data) > MAX_BYTES:
        raise refusal([(name, f"has {len(data):,} bytes, the limit is {MAX_BYTES:,}; send the set in several parts")])
    try:
        text = data.decode("utf-8-sig")
        rows = list(_of_json(text) if text.lstrip()[:1] in ("[", "{") else _of_csv(text))
    except (ValueError, RecursionError, csv.Error) as fault:
        raise refusal([(name, f"cannot be read ({str(fault)[:120]}); {_UNREADABLE}")]) from None
    faults: list[tuple[str, str]] = []
    found: dict[str, Metadata] = {}
    for where, row in rows:
        said = {key: value for key, value in row.items() if key != FILE}
        file = _path(str(row.get(FILE) or ""))
        metadata, wrong = read(said)
        if not file:
            wrong.append(f"names no file in {FILE!r}")
        elif file in found:
            wrong.append(f"names {file!r} again; give each file one row")
        faults += [(f"{name}, {where}", fault) for fault in wrong]
        found[file] = metadata
    if faults:
        raise refusal(faults)
    return Table(name, found)


def refusal(faults: Sequence[tuple[str, str]]) -> MetadataInvalid:
    """The error that tells them all; its words tell the first few."""
    return MetadataInvalid(faults)


def _of_csv(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    header = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), strict=True)
    columns = [str(column).strip().lower() for column in reader.fieldnames or ()]
    unknown = [column for column in columns if column not in (FILE, *FIELDS)]
    if FILE not in columns or unknown or len(set(columns)) < len(columns):
        raise ValueError(f"its columns are {', '.join(columns)[:200] or 'none'}; use {FILE}, {', '.join(FIELDS)}")
    reader.fieldnames = columns
    for row in reader:
        if None in row:
            raise ValueError(f"line {reader.line_num} has more cells than the header")
        yield f"line {reader.line_num}", dict(row)


def _of_json(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    """A list of objects with `file`, or an object of file names."""
    said = json.loads(text)
    if isinstance(said, dict):
        said = [value | {FILE: key} if isinstance(value, dict) else value for key, value in said.items()]
    for number, row in enumerate(said, 1):
        if not isinstance(row, dict):
            raise ValueError(f"entry {number} is no object")
        yield f"entry {number}", row


def _path(name: str) -> str:
    return name.strip().replace("\\", "/").removeprefix("./")


def _end(path: str) -> str:
    return path.rpartition("/")[2]


def _why_stray(row: str, ends: Counter[str]) -> str:
    if ends[row] > 1:
        return f"is of {ends[row]} files; write their paths"
    return "is of no file that was sent; correct the name, or send the file"
