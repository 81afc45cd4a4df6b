"""Work off the event loop: a bounded number of jobs, refused at the door when there are too many."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

from vision.errors import Overloaded

Answer = TypeVar("Answer")


class Workers:
    """Threads for heavy work. All but `turn` is called from the event loop only."""

    def __init__(self, name: str, threads: int, slots: int) -> None:
        self.name, self.slots = name, slots
        self.taken = 0  # jobs let in and not yet answered
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place for one job, taken before its body is read; `Overloaded` when there is none."""
        if self.taken >= self.slots:
            raise Overloaded(
                f"{self.taken} {self.name} requests are in work or waiting, the limit. Try again after `Retry-After`."
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Do the work on one of the threads, in the caller's context: who acts, above all."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, copy_context().run, work)

    def turn(self, work: Callable[[], Answer]) -> Answer:
        """Do the work when the jobs let in before are done, and wait: for a thread that works beside requests."""
        return self.pool.submit(work).result()

    def close(self) -> None:
        """Let running jobs end and start no other."""
        self.pool.shutdown(wait=True, cancel_futures=True)
