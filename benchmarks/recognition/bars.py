"""Bars: what an embedder worth carrying reaches on brands it never saw, and whether a row does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from benchmarks.recognition.embedders import TEACHERS
from benchmarks.recognition.measured import Row

OF_EMBLEMS: Mapping[str, float] = MappingProxyType(
    {"mild_recall_at_1": 0.97, "hard_recall_at_1": 0.90, "open_set_auroc": 0.97}
)
WILD = "wild_recall_at_1"


@dataclass(frozen=True)
class Held:
    """One row held against one bar."""

    figure: str
    bar: float
    value: float

    @property
    def met(self) -> bool:
        """Whether the value, not its interval, reaches the bar."""
        return self.value >= self.bar


def held(row: Row, rows: Sequence[Row]) -> list[Held]:
    """A row held against every bar that its sets tell of; in the wild the bar is the best bare teacher of this run."""
    values = {name: row.emblems.figures[name].value for name in OF_EMBLEMS} if row.emblems else {}
    found = [Held(name, bar, value) for name, bar in OF_EMBLEMS.items() if (value := values.get(name)) is not None]
    taught = [_wild(one) for one in rows if one.name in {teacher.name for teacher in TEACHERS}]
    own, bars = _wild(row), [value for value in taught if value is not None]
    return [*found, Held(WILD, max(bars), own)] if own is not None and bars else found


def _wild(row: Row) -> float | None:
    return row.wild.figures["recall_at_1"].value if row.wild else None
