"""An embedder that gathers what several threads ask for at once into one batch."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from vision.embedder import Embedder


@dataclass(frozen=True)
class Asked:
    """The images of one caller and where its vectors go."""

    images: Sequence[NDArray[np.uint8]]
    answer: Future[NDArray[np.float32]] = field(default_factory=Future)


class BatchingEmbedder:
    """Is an `Embedder`; callers wait at most `max_wait_ms` for company, and get the vectors they would get alone."""

    def __init__(self, embedder: Embedder, max_batch: int, max_wait_ms: float) -> None:
        self.embedder, self.max_batch, self.max_wait_s = embedder, max_batch, max_wait_ms / 1000
        self.queue: SimpleQueue[Asked | None] = SimpleQueue()
        self.thread = Thread(target=self.work, name="batching", daemon=True)
        self.thread.start()

    @property
    def fingerprint(self) -> str:
        """The embedder's own: batching changes no vector."""
        return self.embedder.fingerprint

    @property
    def dim(self) -> int:
        """The embedder's own."""
        return self.embedder.dim

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embed `B` RGB images `[H, W, 3]` -> unit vectors `[B, D]`, together with others' images."""
        asked = Asked(images)
        self.queue.put(asked)
        return asked.answer.result()

    def close(self) -> None:
        """Answer what was asked and stop."""
        self.queue.put(None)
        self.thread.join()

    def work(self) -> None:
        """Batch after batch, until closed."""
        while (first := self.queue.get()) is not None:
            batch, closing = self.gather(first)
            self.answer(batch)
            if closing:
                return

    def gather(self, first: Asked) -> tuple[list[Asked], bool]:
        """`first` and who comes soon enough after it; and whether the end was reached."""
        batch, size = [first], len(first.images)
        deadline = time.monotonic() + self.max_wait_s
        while size < self.max_batch:
            try:
                asked = self.queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                break
            if asked is None:
                return batch, True
            batch.append(asked)
            size += len(asked.images)
        return batch, False

    def answer(self, batch: Sequence[Asked]) -> None:
        """One embedding for all; when it fails, each alone, so that one caller's image fails only its caller."""
        images = [image for asked in batch for image in asked.images]
        try:
            vectors = self.embedder.embed(images)  # [sum B, D]
        except Exception as error:
            if len(batch) == 1:
                batch[0].answer.set_exception(error)
                return
            for asked in batch:
                self.answer([asked])
            return
        start = 0
        for asked in batch:
            asked.answer.set_result(vectors[start : start + len(asked.images)])
            start += len(asked.images)
