"""Builds in a process of their own: enrolling a brand takes neither the interpreter nor the turn of an inspection."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from index.build import GalleryBuilder, is_current
from index.gallery import Gallery
from index.parts import PARTS, Part, builder_of, source_of
from index.store import Store
from serve.settings import Settings
from vision.embedder import Embedder
from vision.errors import BuildInterrupted, FingerprintMismatch, GalleryAbsent, GalleryDamaged

POLITENESS = 5  # of the build's process: inspections go first
STOP_PATIENCE_S = 5.0

OpenEmbedder = Callable[[Settings], Embedder]  # by name, since another process calls it


class BuildProcess:
    """Another process, which builds whatever part is asked for. Ask it from one thread.

    It starts with the first question, so that it is there for the first build, remembers what it has open, ends with
    ours however that ends, and is replaced when it dies.
    """

    def __init__(self, settings: Settings, open_embedder: OpenEmbedder) -> None:
        self.settings, self.open_embedder = settings, open_embedder
        self.process: SpawnProcess | None = None
        self.pipe: Connection | None = None
        self.lock = threading.RLock()  # of the process: whoever stops the service ends it from another thread
        self.closed = False

    def close(self) -> None:
        """End the process wherever it is: what is undone the next start does."""
        with self.lock:
            self.closed = True
            self.end()

    def build(self, part: Part) -> None:
        """Have a part brought up to the store, and wait; `BuildInterrupted` and whatever a build raises."""
        pipe = self.started()
        try:
            pipe.send(part)
            fault = pipe.recv()
        except (EOFError, OSError) as lost:
            self.end()
            raise BuildInterrupted(
                "the process that builds the gallery ended; the gallery in service stays, and another is started"
            ) from lost
        if fault is not None:
            raise fault

    def started(self) -> Connection:
        """The pipe to a process that lives."""
        with self.lock:
            if self.closed:
                raise BuildInterrupted("the service is stopping; the next start builds the gallery")
            if self.process is None or not self.process.is_alive() or self.pipe is None:
                self.end()
                self.process, self.pipe = start(self.settings, self.open_embedder)
            return self.pipe

    def end(self) -> None:
        """Stop the process, if there is one."""
        with self.lock:
            process, self.process = self.process, None
            if process is not None:
                process.kill()
                process.join(STOP_PATIENCE_S)


class BuiltApart:
    """A `Maker` that has another process build one part and opens what it built. Ask it from one thread."""

    def __init__(self, process: BuildProcess, part: Part, store: Store, embedder_fingerprint: str) -> None:
        self.process, self.part, self.source = process, part, source_of(part, store)
        self.fingerprint, self.directory = embedder_fingerprint, process.settings.data_dir / part
        self.last: Gallery | None = None

    def current(self) -> Gallery:
        """The gallery of the store's present version; `BuildInterrupted` and whatever a build raises."""
        self.process.started()
        standing = self.standing()
        if standing is not None:  # nothing to wait for at a start, or where another server has built it
            return standing
        self.process.build(self.part)
        try:
            return self.opened()
        except GalleryDamaged:
            self.distrust()  # the process trusts what it has open
            raise

    def standing(self) -> Gallery | None:
        """The gallery that is there, where it is whole and holds what the store does."""
        try:
            gallery = self.opened()
        except (GalleryAbsent, GalleryDamaged, FingerprintMismatch):
            return None
        return gallery if is_current(gallery, self.source) else None

    def opened(self) -> Gallery:
        """The gallery that is there; what is open already is not read again."""
        self.last = Gallery.load(self.directory, self.fingerprint, self.last)
        return self.last

    def distrust(self) -> None:
        """Check every file anew at the next call: what is open here and there is forgotten."""
        self.last = None
        self.process.end()


def start(settings: Settings, open_embedder: OpenEmbedder) -> tuple[SpawnProcess, Connection]:
    """A process that builds, and the pipe to it."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    arguments = (there, settings, open_embedder)
    process = context.Process(target=work, args=arguments, name="build", daemon=True)
    process.start()
    there.close()  # so that its end is seen here
    return process, here


def work(pipe: Connection, settings: Settings, open_embedder: OpenEmbedder) -> None:
    """Build whenever asked, until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the service, which ends us
    os.nice(POLITENESS)
    threading.Thread(target=follow_parent, daemon=True).start()
    builders: dict[Part, GalleryBuilder] = {}
    with suppress(Exception):  # it comes again, and is told, when a build is asked for
        builders = builders_of(settings, open_embedder)
        builders["gallery"].open()  # all that the first change would wait for
    while True:
        try:
            part: Part = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            builders = builders or builders_of(settings, open_embedder)
            builders[part].current()
            answer(pipe, None)
        except Exception as fault:
            answer(pipe, fault)


def builders_of(settings: Settings, open_embedder: OpenEmbedder) -> dict[Part, GalleryBuilder]:
    """The builders of all parts, with a store and an embedder of their own."""
    store, embedder = Store.at(settings.place), open_embedder(settings)
    return {part: builder_of(part, store, embedder, settings.data_dir, settings.build_threads) for part in PARTS}


def answer(pipe: Connection, fault: Exception | None) -> None:
    """Tell how it went; a fault that cannot travel goes in words."""
    try:
        pipe.send(fault)
    except Exception:
        pipe.send(RuntimeError(repr(fault)))


def follow_parent() -> None:
    """End at once when the service does, in the middle of a build too: nothing half built is ever loaded."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
