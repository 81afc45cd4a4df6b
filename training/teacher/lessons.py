"""Lessons: a fixed set of views, photographed once, and what each teacher sees in them, kept on disk.

Both are written block by block and go on where they were stopped. N views, D a teacher's dimension.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from training.teacher.network import Teacher

BLOCK = 64
Block = Callable[[slice], NDArray[Any]]  # rows -> their values [rows, ...]


@dataclass(frozen=True, eq=False)
class Lessons:
    """Views, and for each teacher its features: centred on their mean and brought to unit length."""

    views: NDArray[np.uint8]  # [N, S, S, 3] RGB, mapped from disk
    features: tuple[NDArray[np.float16], ...]  # of each teacher [N, D], mapped from disk
    centres: tuple[NDArray[np.float32], ...]  # of each teacher [D]

    @classmethod
    def of(cls, views: NDArray[np.uint8], features: Sequence[NDArray[np.float16]]) -> "Lessons":
        """Views and raw features."""
        centres = tuple(np.asarray(seen.mean(0, dtype=np.float64), np.float32) for seen in features)
        return cls(views, tuple(features), centres)

    @property
    def dims(self) -> tuple[int, ...]:
        """D of each teacher."""
        return tuple(len(centre) for centre in self.centres)

    def unit_features(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], ...]:
        """What each teacher sees in these views.

        Features of a rectified network share a large mean that makes all images alike; without it they tell apart.
        """
        return tuple(_unit(seen[rows] - centre) for seen, centre in zip(self.features, self.centres, strict=True))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


def views(path: Path, count: int, photograph: Block) -> NDArray[np.uint8]:
    """The views in a file, photographed as far as they are not yet there."""
    return _written(path, count, np.dtype(np.uint8), photograph)


def features(path: Path, seen: NDArray[np.uint8], teacher: Teacher) -> NDArray[np.float16]:
    """A teacher's features of views, in a file, computed as far as they are not yet there."""
    return _written(path, len(seen), np.dtype(np.float16), lambda rows: teacher.features(list(seen[rows])))


def _written(path: Path, count: int, dtype: np.dtype[Any], block: Block) -> NDArray[Any]:
    """An array of `count` rows on disk, made by blocks; beside it stands how many rows are done."""
    progress = path.with_suffix(".json")
    done = int(json.loads(progress.read_text("utf-8"))) if progress.is_file() else 0
    if done < count:
        _write(path, progress, range(done, count, BLOCK), count, dtype, block)
    return np.asarray(np.load(path, mmap_mode="r"))


def _write(path: Path, progress: Path, starts: range, count: int, dtype: np.dtype[Any], block: Block) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.lib.format.open_memmap(path, "r+") if starts.start else None
    for start in track(starts, f"{path.parent.name}/{path.stem}"):
        rows = slice(start, min(start + BLOCK, count))
        values = block(rows)
        if array is None:
            array = np.lib.format.open_memmap(path, "w+", dtype, (count, *values.shape[1:]))
        array[rows] = values
        array.flush()
        progress.write_text(str(rows.stop), "utf-8")
