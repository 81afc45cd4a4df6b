"""Inspections over HTTP against a bare `Inspector` loop on the same photos, in one run on one machine.

Run: `python -m benchmarks.serve [--bundle DIR] [--photos 40] [--clients 1 4]`. Prints photos a second, latencies
and the ratio of the service to the bare loop.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.build import open_or_build
from index.store import Store
from serve.app import Model, open_bundle
from serve.settings import Settings
from tests.serve import pictures
from tests.serve.fakes import open_fake
from tests.serve.running import PIPELINE_KEY, Server, parts, served, settings_of, wait_until_searchable
from vision.photo import decode

BRANDS = 8
VIEWS = 4


@dataclass(frozen=True)
class Timing:
    """What a run of inspections took."""

    what: str
    wall_s: float
    each_ms: Sequence[float]

    @property
    def photos_per_second(self) -> float:
        """Throughput of the whole run."""
        return len(self.each_ms) / self.wall_s

    def row(self, bare: "Timing") -> str:
        """A line of the table."""
        p50, p95 = np.percentile(self.each_ms, [50, 95])
        ratio = self.photos_per_second / bare.photos_per_second
        return f"{self.what:24} {self.photos_per_second:10.2f} {p50:9.0f} {p95:9.0f} {ratio:9.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Enrol brands through the service, then time both ways of inspecting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="default: a hand-made model, which isolates the service's cost")
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    chosen = parser.parse_args(arguments)
    photos = [pictures.photo(index % BRANDS, 9 + index) for index in range(chosen.photos)]
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(Path(folder), bundle=chosen.bundle, queue_length=max(32, *chosen.clients))
        model = (open_fake if chosen.bundle is None else open_bundle)(settings)
        timings = measure(settings, model, photos, chosen.clients)
    print(f"{platform.platform()}, {os.cpu_count()} cores, {platform.machine()}, Python {sys.version.split()[0]}")
    print(f"{'':24} {'photos/s':>10} {'p50 ms':>9} {'p95 ms':>9} {'of bare':>9}")
    for timing in timings:
        print(timing.row(timings[0]))


def measure(settings: Settings, model: Model, photos: Sequence[bytes], clients: Sequence[int]) -> list[Timing]:
    """The bare loop, the service with each number of clients, and the bare loop again: it shows how steady it was."""
    with served(settings, lambda _: model) as server:
        fill(server)
        before = bare(settings, model, photos)
        over_http = [loaded(server, photos, count) for count in clients]
        return [before, *over_http, bare(settings, model, photos)]


def fill(server: Server) -> None:
    """Brands with their references, searchable."""
    with server.client() as admin:
        for seed in range(BRANDS):
            admin.put(f"/v1/brands/brand {seed}")
            upload = parts("files", [pictures.photo(seed, view) for view in range(VIEWS)])
            version = admin.post(f"/v1/brands/brand {seed}/references", files=upload).json()["version"]
        wait_until_searchable(admin, version)


def bare(settings: Settings, model: Model, photos: Sequence[bytes]) -> Timing:
    """Decode and inspect in a loop."""
    store = Store.open(settings.data_dir)
    inspector = model.inspector(model.embedder, open_or_build(store, model.embedder, settings.data_dir / "gallery"))
    store.close()
    inspector.inspect([decode(photos[0])])  # first use reads templates
    start, each_ms = time.perf_counter(), []
    for photo in photos:
        began = time.perf_counter()
        inspector.inspect([decode(photo)])
        each_ms.append((time.perf_counter() - began) * 1000)
    return Timing("bare Inspector loop", time.perf_counter() - start, each_ms)


def loaded(server: Server, photos: Sequence[bytes], clients: int) -> Timing:
    """POST /v1/inspections from so many clients at once."""
    with server.client(PIPELINE_KEY) as client, ThreadPoolExecutor(clients) as pool:

        def ask(photo: bytes) -> float:
            began = time.perf_counter()
            client.post("/v1/inspections", files=parts("photos", [photo])).raise_for_status()
            return (time.perf_counter() - began) * 1000

        ask(photos[0])
        start = time.perf_counter()
        each_ms = list(pool.map(ask, photos))
        return Timing(f"HTTP, {clients} client{'s' if clients > 1 else ''}", time.perf_counter() - start, each_ms)


if __name__ == "__main__":
    main()
