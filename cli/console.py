"""Where the commands write: results on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Advance = Callable[[int, int], None]  # how many are done, of how many

_PLAIN_WIDTH = 160  # columns where nobody looks at a terminal
STYLES = {
    "consistent": "green",
    "divergent": "bold red",
    "undecided": "yellow",
    "unrecognised": "dim",
    "refused": "bold magenta",
}


def complain(message: str) -> None:
    """Tell of a fault, on stderr."""
    _on(sys.stderr).print(Text.assemble(("touchstone: ", "bold red"), message))


def note(message: str) -> None:
    """Say something by the way, on stderr."""
    _on(sys.stderr).print(Text(message))


def say(message: str) -> None:
    """Write a line of the result, on stdout."""
    _on(sys.stdout).print(Text(message))


def write_json(value: Any) -> None:
    """Write the machine's form of the result, alone on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_table(columns: Sequence[str], rows: Sequence[Sequence[str | Text]], title: str | None = None) -> None:
    """Write a table, on stdout. A column whose name ends in `#` is set flush right."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.removesuffix("#"), justify="right" if column.endswith("#") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    _on(sys.stdout).print(table)


def write_records(records: Sequence[Mapping[str, str]]) -> None:
    """Write records as a table under their names; nothing where there are none."""
    if records:
        write_table(list(records[0]), [list(each.values()) for each in records])


def decision_text(decision: str) -> Text:
    """A decision in its colour."""
    return Text(decision, style=STYLES.get(decision, ""))


def number(value: float | None, form: str = ".3f") -> str:
    """A number for a table, or a dash where there is none."""
    return "-" if value is None else format(value, form)


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """A progress bar on stderr; nothing is drawn where stderr is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    screen = _on(sys.stderr)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def _on(stream: Any) -> Console:
    """A console on the stream as it is now: tests and pipes exchange it."""
    return Console(file=stream, highlight=False, width=None if stream.isatty() else _PLAIN_WIDTH)
