"""The victim: the real service and the process that builds for it, which show when they build, swap and look again."""

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, Protocol

import httpx
import uvicorn

import index.build
import index.store.rescans
from index.manifest import Manifest
from index.shard_maker import ShardMaker
from index.store import Place
from serve.app import Model, create_app
from serve.rescanner import Rescanner
from serve.settings import Settings
from tests.serve.fakes import open_fake
from tests.serve.running import Server, settings_of

IDLE, BUILDING, SWAPPING, LOOKING = range(4)
PATIENCE_S = 300.0  # a machine with much other work answers slowly
LEASE = timedelta(seconds=2)  # of a rescan, a minute in earnest: after a kill the next one waits for its end
KEPT_BYTES = 40_000  # of listings that rescans look at again: about eight


class Phase(Protocol):
    """A number that both processes see, and that outlives the one that is killed."""

    value: int


@dataclass(frozen=True)
class Phases:
    """What the two processes of a victim show."""

    builder: Phase
    rescanner: Phase


def serve(settings: Settings, port: int, phases: Phases) -> None:
    """Serve until killed."""
    os.setsid()  # so that the process that builds is killed at the same moment
    index.store.rescans.HELD_FOR = LEASE
    _watch(Rescanner, "look_again", phases.rescanner, LOOKING, IDLE)
    app = create_app(settings, partial(open_watched, phases.builder))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def open_watched(phase: Phase, settings: Settings) -> Model:
    """The small model; from here on this process shows when it builds. Called by the one that does, too."""
    _watch(ShardMaker, "shard", phase, BUILDING, BUILDING)
    _watch(Manifest, "write", phase, SWAPPING, SWAPPING)
    _watch(index.build, "_sweep", phase, SWAPPING, IDLE)
    return open_fake(settings)


def _watch(owner: Any, name: str, phase: Phase, during: int, after: int) -> None:
    """Show a phase while a function of the service works. What it does is left as it is."""
    watched: Callable[..., Any] = getattr(owner, name)

    def shown(*arguments: Any, **named: Any) -> Any:
        phase.value = during
        try:
            return watched(*arguments, **named)
        finally:
            phase.value = after

    setattr(owner, name, shown)


@dataclass(frozen=True)
class Victim:
    """A service that answers, until it is killed."""

    process: ForkServerProcess
    http: httpx.Client  # with every right

    def kill(self) -> None:
        """End it, and what builds for it, as a power cut would."""
        if self.process.pid is not None and self.process.is_alive():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()


def start(forks: ForkServerContext, settings: Settings, phases: Phases) -> Victim:
    """A service of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    phases.builder.value = phases.rescanner.value = IDLE
    process = forks.Process(target=serve, args=(settings, port, phases))
    process.start()
    victim = Victim(process, Server(f"http://127.0.0.1:{port}").client())
    until(lambda: answers(victim) or not process.is_alive())
    if not process.is_alive():
        raise RuntimeError(f"the service did not start: exit code {process.exitcode}")
    return victim


def answers(victim: Victim) -> bool:
    """Whether it does yet."""
    try:
        return victim.http.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def until(condition: Callable[[], bool], pause_s: float = 0.05) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_S:g} s in vain")
        time.sleep(pause_s)


def settings_for(place: Place) -> Settings:
    """The service's settings at a place."""
    kept = {"keep_listings_days": 1, "keep_listings_bytes": KEPT_BYTES}
    return settings_of(place.data_dir, database_url=place.database_url, poll_store_s=0.05, build_apart=True, **kept)
