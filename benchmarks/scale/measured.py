"""What is measured of anything that searches: recall against exact, times, memory."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

K = 10
Found = Sequence[str]  # reference ids of one query, nearest first
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    recall: float  # at 10
    p50_ms: float
    p99_ms: float
    scoped_recall: float  # the same, asked for the query's brand only
    scoped_p50_ms: float
    scoped_p99_ms: float
    foreign: int  # answers of another brand than the one asked for
    own_mb: float  # memory that only this process has
    file_mb: float  # of mapped files, which the system takes back when it needs it
    peak_mb: float  # both, when they were most
    ready_s: float  # to load, or to build where nothing is kept

    def told(self, ours: "Row") -> str:
        """As a line of Markdown, with how many times as long as ours its searches take."""
        parts = [
            self.what,
            f"{self.recall:.3f}",
            f"{self.p50_ms:.2f}",
            f"{self.p99_ms:.2f}",
            f"{self.scoped_recall:.3f}",
        ]
        parts += [f"{self.scoped_p50_ms:.2f}", f"{self.scoped_p99_ms:.2f}", str(self.foreign)]
        parts += [f"{mb:.0f}" for mb in (self.own_mb, self.file_mb, self.peak_mb)]
        times = self.p50_ms / ours.p50_ms, self.scoped_p50_ms / ours.scoped_p50_ms
        return f"| {' | '.join([*parts, f'{self.ready_s:.1f}', *(f'{each:.1f}' for each in times)])} |"


HEAD = (
    "| what | recall at 10 | p50 ms | p99 ms | one brand: recall | p50 ms | p99 ms | foreign | own MB | file MB "
    "| peak MB | ready s | p50, times ours | one brand |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def timed(search: Callable[[int], Answer], count: int) -> tuple[list[Answer], float, float]:
    """Answers to queries, one at a time, and the p50 and p99 of their milliseconds."""
    answers, spent = [], []
    for query in range(count):
        start = time.perf_counter()
        answers.append(search(query))
        spent.append(1000 * (time.perf_counter() - start))
    return answers, float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def recall(answers: Sequence[Found], exact: Sequence[Found]) -> float:
    """Share of the true nearest that were found."""
    return float(np.mean([len(set(a) & set(e)) / len(e) for a, e in zip(answers, exact, strict=True)]))


def memory_mb() -> tuple[float, float, float]:
    """What this process holds: its own, of mapped files, and at the most until now."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, file, peak = (int(lines[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile", "VmHWM"))
    return own, file, peak
