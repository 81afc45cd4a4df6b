"""Changes under a service that runs as it is delivered: how soon each is seen."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from index.manifest import SHARDS, Manifest
from index.shard import MappedShard

_KEY = "key-of-the-benchmark-000000000000"
_COMMAND = "from cli.app import main; main()"  # what `touchstone` runs
_PATIENCE_S = 600.0
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True)
class Change:
    """One reference more, then switched off."""

    acknowledged_s: float  # from sending it
    searchable_s: float  # from the acknowledgement until it is in the gallery in service
    off_answered_s: float  # from asking for it to be switched off
    off_s: float  # from asking until an inspection of its very photo finds it no more
    off_built_s: float  # from the answer until the gallery in service is without it
    service_mb: float  # resident, in the process that serves


def changes(data_dir: Path, brand: str, photos: Sequence[bytes]) -> Iterator[Change]:
    """Add and switch off photo after photo, and require that each was seen."""
    with service(data_dir) as (http, pid):
        for photo in photos:
            yield change(http, pid, data_dir, brand, photo)


def change(http: httpx.Client, pid: int, data_dir: Path, brand: str, photo: bytes) -> Change:
    """Add one and switch it off."""
    start = time.perf_counter()
    added = http.post(f"/v1/brands/{brand}/references", files={"files": ("more.jpg", photo)}).raise_for_status().json()
    acknowledged = time.perf_counter()
    wait_for_version(http, added["version"])
    searchable = time.perf_counter()
    reference = added["files"][0]["reference"]
    if not holds(data_dir, brand, reference):
        raise AssertionError(f"{reference} was said to be searchable and is not in the gallery")
    asked = time.perf_counter()
    off = http.post(f"/v1/brands/{brand}/references/{reference}/off").raise_for_status().json()
    answered = time.perf_counter()
    if reference in found(http, photo):
        raise AssertionError(f"{reference} is switched off and was found")
    gone = time.perf_counter()
    wait_for_version(http, off["version"])
    built = time.perf_counter()
    if holds(data_dir, brand, reference):
        raise AssertionError(f"{reference} is switched off and in the gallery still")
    times = acknowledged - start, searchable - acknowledged, answered - asked, gone - asked, built - answered
    return Change(*times, resident_mb(pid))


def holds(data_dir: Path, brand: str, reference: str) -> bool:
    """Whether the gallery has a reference; an inspection names only those that marks are compared with."""
    entry = next(each for each in Manifest.read(data_dir / "gallery").shards if each.brand == brand)
    return reference.encode() in MappedShard.open(data_dir / "gallery" / SHARDS / entry.file).references


def found(http: httpx.Client, photo: bytes) -> set[str]:
    """The nearest references that an inspection names."""
    answer = http.post("/v1/inspections", files={"photos": ("asked.jpg", photo)}).raise_for_status().json()
    return {region["nearest_reference"] for each in answer["photos"] for region in each["regions"]}


def wait_for_version(http: httpx.Client, version: int) -> None:
    """Until the gallery in service has it."""
    wait_for(lambda: (said := http.get("/ready")).is_success and said.json()["gallery_store_version"] >= version)


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_PATIENCE_S:g} s in vain")
        time.sleep(_LOOK_EVERY_S)


@contextmanager
def service(data_dir: Path) -> Iterator[tuple[httpx.Client, int]]:
    """`touchstone serve` over a data folder, once it is ready, and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"DATA_DIR": str(data_dir), "PORT": str(port), "ADMIN_KEY": _KEY}
    said = os.environ | {f"TOUCHSTONE_{name}": value for name, value in told.items()}
    with (data_dir / "service.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", _COMMAND, "serve"], env=said, stdout=log, stderr=log)
    headers = {"Authorization": f"Bearer {_KEY}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=_PATIENCE_S) as http:
            wait_for(lambda: process.poll() is not None or answers(http))
            if process.poll() is not None:
                raise RuntimeError((data_dir / "service.log").read_text()[-2000:])
            yield http, process.pid
    finally:
        process.terminate()
        process.wait()


def answers(http: httpx.Client) -> bool:
    """Whether it is ready."""
    try:
        return http.get("/ready").is_success
    except httpx.TransportError:
        return False


def resident_mb(pid: int) -> float:
    """What a process holds, mapped files included."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024
