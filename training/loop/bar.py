"""The progress bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(name: str, steps: int, first_step: int, shown: bool = True) -> Iterator[Callable[[float], None]]:
    """Shows how far a run is; what it gives is called after each step with the step's loss."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("loss {task.fields[loss]:.3f}"))  # fmt: skip
    with Progress(*columns, disable=not shown) as progress:
        task = progress.add_task(name, total=steps, completed=first_step, loss=float("nan"))
        yield lambda value: progress.update(task, advance=1, loss=value)
