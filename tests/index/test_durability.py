"""What was acknowledged survives SIGKILL at any moment, and what was withdrawn stays away."""

import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from index.look import Look
from index.reference_set import Addition
from index.store import Store
from index.store.blobs import name_of
from vision.errors import BlobDamaged

KILLS = 12
PUT, WITHDRAWING, WITHDRAWN = "put", "withdrawing", "withdrawn"


@pytest.fixture(scope="module")
def forks() -> ForkServerContext:
    """Fresh processes without the cost of importing: they fork from a server that has."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@dataclass
class Log:
    """What a writer acknowledged before it was killed."""

    put: dict[str, str] = field(default_factory=dict)  # reference id -> sha256
    in_doubt: set[str] = field(default_factory=set)  # its withdrawal was begun
    withdrawn: set[str] = field(default_factory=set)

    def drain(self, connection: Connection) -> None:
        try:
            while True:
                act, reference_id, sha256 = connection.recv()
                if act == PUT:
                    self.put[reference_id] = sha256
                (self.in_doubt if act == WITHDRAWING else self.withdrawn if act == WITHDRAWN else set()).add(
                    reference_id
                )
        except (EOFError, OSError):  # OSError: killed in the middle of a word
            return


def addition(data: bytes) -> Addition:
    """A reference of any bytes: the store does not look at them."""
    sha256 = name_of(data)
    return Addition(sha256[:16], "photo.jpg", Look(sha256, "jpeg", 100, 100, 0, 0.1), data)


def write_on(data_dir: Path, acknowledged: Connection) -> None:
    """Put references two at a time and withdraw every other, acknowledging each act, until killed."""
    store = Store.open(data_dir)
    store.put_brand("acme")
    while True:
        one, two = (addition(os.urandom(20_000)) for _ in range(2))
        store.put_references("acme", (one, two))
        for added in (one, two):
            acknowledged.send((PUT, added.id, added.sha256))
        acknowledged.send((WITHDRAWING, two.id, two.sha256))
        store.withdraw("acme", two.id)
        acknowledged.send((WITHDRAWN, two.id, two.sha256))


def run_and_kill(forks: ForkServerContext, data_dir: Path, after_s: float) -> Log:
    """Let a writer work for a while after its first acknowledgement, then kill it."""
    ours, theirs = forks.Pipe(duplex=False)
    writer = forks.Process(target=write_on, args=(data_dir, theirs))
    writer.start()
    theirs.close()
    assert ours.poll(30)
    time.sleep(after_s)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    log = Log()
    log.drain(ours)
    ours.close()
    return log


def test_acknowledged_references_survive_sigkill(tmp_path: Path, forks: ForkServerContext) -> None:
    moments, total = random.Random(2), 0
    for _ in range(KILLS):
        log = run_and_kill(forks, tmp_path, moments.uniform(0, 0.12))
        store = Store.open(tmp_path)
        there = {reference.id for reference in store.references("acme")}
        assert set(log.put) - log.in_doubt <= there
        assert not log.withdrawn & there
        for reference in store.references("acme"):
            assert store.blob(reference.sha256)  # checked against its digest
        for reference_id in log.withdrawn:
            with pytest.raises(BlobDamaged):
                store.blob(log.put[reference_id])
        store.sweep()
        kept = {path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file() and path.name[0] != "."}
        assert kept == {reference.sha256 for reference in store.references()}
        total += len(log.put)
        store.close()
    assert total >= 2 * KILLS


def open_at(data_dir: Path, brand: str, moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))
    store = Store.open(data_dir)
    store.put_brand(brand)
    store.put_references(brand, [addition(os.urandom(100)) for _ in range(3)])
    store.close()


def test_processes_may_open_a_new_folder_at_once(tmp_path: Path, forks: ForkServerContext) -> None:
    moment = time.time() + 1.0
    processes = [forks.Process(target=open_at, args=(tmp_path, f"brand {i}", moment)) for i in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 4
    store = Store.open(tmp_path)
    assert len(store.references()) == 12
    assert store.version() == 8
    store.close()
