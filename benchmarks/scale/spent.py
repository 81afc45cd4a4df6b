"""What steps take, kept in a file brand after brand: a run that is cut goes on, and counts nothing twice."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.scale.measured import memory_mb


@dataclass(frozen=True)
class Line:
    """One step of one brand, or of several together."""

    step: str
    of: str
    seconds: float
    cpu_seconds: float  # of this process; 0 where only seconds are told
    peak_mb: float  # of this process, until now


class Spent:
    """Adds up lines, and has each on disk before it counts. The first that tells of a step and brand stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        read = [Line(**json.loads(line)) for line in lines]
        self._lines = {(line.step, line.of): line for line in reversed(read)}

    def told(self, step: str, of: str) -> bool:
        """Whether there is a line of it."""
        return (step, of) in self._lines

    @contextmanager
    def step(self, name: str, of: str) -> Iterator[None]:
        """Time a step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.add(name, of, time.perf_counter() - wall, time.process_time() - cpu)

    def add(self, step: str, of: str, seconds: float, cpu_seconds: float = 0.0) -> None:
        """One line more, unless it was told before."""
        if self.told(step, of):
            return
        line = Line(step, of, seconds, cpu_seconds, memory_mb()[2])
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(line)) + "\n")
        self._lines[step, of] = line

    def seconds(self, step: str) -> float:
        """In all."""
        return sum(line.seconds for line in self._of(step))

    def cpu_seconds(self, step: str) -> float:
        """In all."""
        return sum(line.cpu_seconds for line in self._of(step))

    @property
    def peak_mb(self) -> float:
        """At the most."""
        return max((line.peak_mb for line in self._lines.values()), default=0.0)

    def _of(self, step: str) -> list[Line]:
        return [line for line in self._lines.values() if line.step == step]
