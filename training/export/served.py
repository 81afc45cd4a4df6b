"""Served: towers run as serving runs them, on the probe and against the clock. No torch."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.export.agreement import Embedded
from training.export.probe import Probe
from vision.embedder import Pixels, preprocess
from vision.runtime import Session, open_session

BATCH = 8
_RUNS = 5

Tower = Callable[[NDArray[Any]], NDArray[np.float32]]  # inputs [B, ...] -> unit vectors [B, D]


def opened(path: Path, threads: int) -> Tower:
    """A tower's file."""
    session = open_session(path, threads)
    return lambda inputs: np.asarray(session.run({session.inputs[0]: inputs})[0], np.float32)


def embedded(
    probe: Probe, pixels: Pixels, image: Tower, tokens: NDArray[np.int64] | None = None, text: Tower | None = None
) -> Embedded:
    """The probe through these towers."""
    photographs = probe.photographs
    starts = range(0, len(photographs), BATCH)
    vectors = np.concatenate([image(preprocess(photographs[start : start + BATCH], pixels)) for start in starts])
    count = len(probe.references)
    captions = text(tokens) if text is not None and tokens is not None else None
    return Embedded(vectors[:count], vectors[count:], captions)


def photographs_per_second(images: Sequence[Path], probe: Probe, pixels: Pixels) -> list[float]:
    """Of each image tower on one thread, in batches of eight; the towers take turns, the best of five counts."""
    batch = preprocess(probe.photographs[:BATCH], pixels)
    sessions = [open_session(path) for path in images]
    runs = [[_seconds(session, batch) for session in sessions] for _ in range(_RUNS)]
    return [len(batch) / min(seconds) for seconds in zip(*runs, strict=True)]


def _seconds(session: Session, batch: NDArray[np.float32]) -> float:
    """Of this thread's work: other processes' do not count."""
    started = time.thread_time()
    session.run({session.inputs[0]: batch})
    return time.thread_time() - started
