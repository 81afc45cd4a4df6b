"""The worker on upload jobs: one thread that takes job after job from the store, also what another process left."""

import logging
import threading
from collections.abc import Callable
from uuid import uuid4

from index.reference_set import FileResult
from index.store import Store
from index.store.jobs import Job
from index.store.tenants import acting
from index.upload_job import Eye, look_through, settle
from serve.failures import tell
from serve.schemas.brands import FileResponse
from vision.errors import NotReady
from vision.photo import PhotoLimits

STOP_PATIENCE_S = 20.0
RETRY_S = 5.0
NOT_READY_S = 0.2


class UploadWorker:
    """Every step is durable: killed at any moment, it goes on from there at the next start, or another process does."""

    def __init__(
        self, store: Store, limits: PhotoLimits, eye: Callable[[], Eye], changed: Callable[[int], None], poll_s: float
    ) -> None:
        self.store, self.limits, self.eye, self.changed, self.poll_s = store, limits, eye, changed, poll_s
        self.name = uuid4().hex
        self.wake, self.stopping = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.work, name="upload-jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def stop(self) -> None:
        """End after the few photos under way; what is undone is done at the next start."""
        self.stopping.set()
        self.wake.set()
        self.thread.join(STOP_PATIENCE_S)

    def work(self) -> None:
        """Do jobs until stopped."""
        while not self.stopping.is_set():
            self.wake.clear()
            try:
                self.eye()  # there is none until the gallery is loaded
                while not self.stopping.is_set() and (job := self.store.jobs.claim(self.name)) is not None:
                    self.do(job)
                if self.stopping.is_set():
                    self.store.jobs.release(self.name)
                self.wake.wait(self.poll_s)
            except NotReady:
                self.stopping.wait(NOT_READY_S)
            except Exception as fault:  # what it was stays claimed for a while, then is tried again
                tell(logging.ERROR, "an upload job stopped, and is tried again", fault)
                self.stopping.wait(RETRY_S)

    def do(self, job: Job) -> None:
        """Look through a job and settle it; left where it is when told to stop."""
        with acting(job.actor):
            while look_through(self.store, job, self.name, self.limits, self.eye(), json_of):
                if self.stopping.is_set():
                    return
            self.changed(settle(self.store, job, self.name, json_of).version)


def json_of(result: FileResult) -> str:
    """A file's result, as it is answered."""
    return FileResponse.from_domain(result).model_dump_json()
