"""Looking: every mark is cut out once and shown to all who look."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.crop import Crop
from benchmarks.recognition.embedders import Looker, is_teacher

BATCH = 8
Tell = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, eq=False)
class Seen:
    """What one looker sees in the marks of a set."""

    looker: Looker
    vectors: NDArray[np.float32]  # [M, D]
    seconds: float  # of CPU, in all


def look(crops: Sequence[Crop], lookers: Sequence[Looker], stage: str, tell: Tell) -> list[Seen]:
    """The vectors of each looker."""
    found: list[list[NDArray[np.float32]]] = [[] for _ in lookers]
    seconds = np.zeros(len(lookers))
    for start in range(0, len(crops), BATCH):
        images = [crop.pixels() for crop in crops[start : start + BATCH]]
        for index, looker in enumerate(lookers):
            started = time.process_time()
            found[index].append(looker.embed(images))
            seconds[index] += time.process_time() - started
        tell(stage, min(start + BATCH, len(crops)), len(crops))
    return [
        Seen(looker, np.concatenate(vectors), float(spent))
        for looker, vectors, spent in zip(lookers, found, seconds, strict=True)
    ]


def views(seen: Seen, references: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
    """Its vectors by the name of a row; a teacher's also with the mean of the references `[M]` taken off."""
    rows = {seen.looker.name: seen.vectors}
    if is_teacher(seen.looker):
        off = seen.vectors - seen.vectors[references].mean(0)
        unit = off / np.maximum(np.linalg.norm(off, axis=1, keepdims=True), 1e-12)
        rows[f"{seen.looker.name}, centred"] = np.asarray(unit, np.float32)
    return rows
