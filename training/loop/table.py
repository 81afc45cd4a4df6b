"""A table of measurements that grows by rows and can be taken back to an earlier step."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """A CSV file of numbers whose first column is `step`."""

    path: Path
    digits: int = 6  # significant ones; 17 give back each number exactly

    def add(self, row: Mapping[str, float]) -> None:
        """Add a row; each row has the same columns. It is with the operating system when this returns."""
        fresh = not self.path.is_file()
        with self.path.open("a", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow({key: f"{value:.{self.digits}g}" for key, value in row.items()})

    def rows(self) -> list[dict[str, float]]:
        """All rows so far; one that a crash cut short is none."""
        if not self.path.is_file():
            return []
        with self.path.open(newline="", encoding="utf-8") as stream:
            whole = [row for row in csv.DictReader(stream) if None not in row.values() and "" not in row.values()]
        return [{key: float(value) for key, value in row.items()} for row in whole]

    def rewind(self, step: int) -> None:
        """Forget the rows after `step`: they will be measured again."""
        kept = [row for row in self.rows() if row["step"] <= step]
        fresh = Table(self.path.with_suffix(".new"), self.digits)
        fresh.path.unlink(missing_ok=True)
        for row in kept:
            fresh.add(row)
        if kept:
            fresh.path.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)
