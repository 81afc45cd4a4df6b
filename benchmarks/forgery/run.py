"""A run of a benchmark from the command line: on one core, with its progress, a named error instead of a trace."""

import time
from collections.abc import Callable, Iterable

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from vision.errors import TouchstoneError


def measured_by(work: Callable[[Console], None]) -> int:
    """Do the work; answers the exit code, and prints a named error."""
    console = Console(stderr=True, markup=False, highlight=False)
    cv2.setNumThreads(1)  # one core, so that seconds a listing mean something
    try:
        work(console)
    except TouchstoneError as fault:
        console.print(f"{fault.code}: {fault}")
        return fault.exit_code
    return 0


class Bars:
    """Progress of a run: a bar a stage, or in a log a line a stage when it is done."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._console = console
        self._started = time.perf_counter()
        self._tasks: dict[str, TaskID] = {}

    def tell(self, stage: str, done: int, total: int) -> None:
        """So much of a stage is done."""
        if stage not in self._tasks:
            self._tasks[stage] = self.progress.add_task(stage, total=total)
        self.progress.update(self._tasks[stage], completed=done, total=total)
        if done == total and not self._console.is_terminal:
            self._console.print(f"{time.perf_counter() - self._started:6.0f} s  {stage}: {total}")

    def drain(self, stage: str, work: Iterable[object], total: int | None = None) -> None:
        """Do all of some work, telling of each piece."""
        done = 0
        for done, _ in enumerate(work, 1):
            self.tell(stage, done, total or done + 1)
        if done and done != total:
            self.tell(stage, done, done)
