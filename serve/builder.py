"""The background builder: follows the store, builds the gallery anew after each change and publishes it whole."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from index.gallery import Gallery
from index.store import Store
from serve.failures import tell
from serve.galleries import Galleries
from serve.metrics import Metrics

NOT_BUILT = "the gallery could not be built; the one in service stays, and this is tried again"
MAX_BACKOFF_S = 60.0
SWEEP_EVERY_S = 3600.0
STOP_PATIENCE_S = 20.0


class Builder:
    """One thread. What was acknowledged is in the store, so nothing is lost when it stops at any moment."""

    def __init__(
        self,
        store: Store,
        galleries: Galleries,
        publish: Callable[[Gallery], None],
        metrics: Metrics,
        poll_s: float,
        amend: Callable[[], None],
    ) -> None:
        self.store, self.galleries, self.publish, self.amend = store, galleries, publish, amend
        self.metrics, self.poll_s = metrics, poll_s
        self.distrusted = False  # check every file at the next build
        self.searchable_version = -1  # of the store, in the gallery published last
        self.waiting: dict[int, float] = {}  # store version -> when it was acknowledged, monotonic seconds
        self.last_put_to_searchable_s: float | None = None
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.stopping = threading.Event()
        self.swept_at_s = time.monotonic()  # a start sweeps by itself
        self.thread = threading.Thread(target=self.work, name="builder", daemon=True)

    def start(self) -> None:
        """Begin to follow the store."""
        self.thread.start()

    def stop(self) -> None:
        """End after the build under way, or leave it where it is: what is undone the next start does."""
        self.stopping.set()
        self.wake.set()
        self.galleries.close()
        self.thread.join(STOP_PATIENCE_S)

    def changed(self, version: int, age_s: float = 0.0) -> None:
        """The store has had this version for so long: build soon, unless that is done. What left a set is matched
        no more at once, and shares of roll-outs hold at once.
        """
        with self.lock:
            if version <= self.searchable_version:
                return
            self.waiting.setdefault(version, time.monotonic() - age_s)
        self.wake.set()
        self.amend()

    def look(self) -> None:
        """The store may have changed: look now."""
        self.wake.set()

    def distrust(self) -> None:
        """The gallery in service is damaged: check it, and build it again, soon."""
        with self.lock:
            self.searchable_version, self.distrusted = -1, True
        self.wake.set()

    @property
    def lag_s(self) -> float:
        """How long the oldest change that is not searchable has waited; 0 when all are."""
        with self.lock:
            oldest = min(self.waiting.values(), default=None)
        return 0.0 if oldest is None else time.monotonic() - oldest

    def work(self) -> None:
        """Build whenever the store is ahead, until stopped."""
        failures = 0
        while not self.stopping.is_set():
            failures = 0 if self.follow() else failures + 1
            self.wake.wait(self.poll_s if failures == 0 else min(MAX_BACKOFF_S, 2.0 ** min(failures, 10)))
            self.wake.clear()

    def follow(self) -> bool:
        """Build and publish when the store is ahead; whether that went well."""
        try:
            version = self.store.version()
            if (
                version > self.searchable_version
            ):  # also at the start: what is on disk may hold what was withdrawn since
                self.notice(version)
                self.serve(self.made())
            if time.monotonic() - self.swept_at_s > SWEEP_EVERY_S:
                self.sweep()
        except Exception as fault:
            # Any failure here leaves the published gallery in service; it shows in /ready once it lasts.
            self.metrics.build_failures.inc()
            tell(logging.ERROR, NOT_BUILT, fault)
            return False
        return True

    def notice(self, version: int) -> None:
        """Count the wait of changes that other processes made, from when they did."""
        with self.lock:
            followed = self.searchable_version
        since = None if followed < 0 else self.store.versions.first_after(followed)
        self.changed(version, 0.0 if since is None else max(0.0, (datetime.now(UTC) - since).total_seconds()))

    def made(self) -> Gallery:
        """The gallery of the store's present version."""
        with self.lock:
            distrusted, self.distrusted = self.distrusted, False
        if distrusted:
            self.galleries.distrust()
        return self.galleries.current()

    def sweep(self) -> None:
        """Erase photos that a withdrawal could not, since the store failed at that moment."""
        self.store.sweep()
        self.swept_at_s = time.monotonic()

    def serve(self, gallery: Gallery) -> None:
        """Publish a gallery; everything up to its store version is searchable from here on."""
        self.publish(gallery)
        now = time.monotonic()
        with self.lock:
            self.searchable_version = gallery.store_version
            done = [self.waiting.pop(waiting) for waiting in list(self.waiting) if waiting <= gallery.store_version]
            for acknowledged in done:
                self.metrics.put_to_searchable_seconds.observe(now - acknowledged)
            self.last_put_to_searchable_s = now - min(done) if done else self.last_put_to_searchable_s
