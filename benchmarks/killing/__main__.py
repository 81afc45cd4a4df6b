"""SIGKILL at random moments of all that a service does: is anything that was acknowledged lost?

`python -m benchmarks.killing --kills 200 --database sqlite postgresql`. The service is the real one in a process of its
own over a small model; a client uploads, withdraws, inspects and rolls out; kills are aimed at each act in turn, at a
random moment of it. After each, from the files as they were left: no acknowledged reference is lost, none that was
withdrawn is there, no upload is half there, the gallery is whole and holds what the sets held at its version, roll-outs
are as they were answered, and so are inspections. After the restart: the upload under way is sent again with its key
and done once, photos that were withdrawn match nothing that was, and every rescan ends, with no listing left out and
none revised twice. Exit code 1 on a violation.
"""

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path

from benchmarks.killing.rounds import LASTS_S, Tally, run
from index.store import Place, migrate
from tests.postgres import cluster


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds on each database and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="on each database")
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop each database after so long")
    parser.add_argument("--aim", nargs="+", choices=list(LASTS_S), default=list(LASTS_S), help="at which acts, in turn")
    chosen = parser.parse_args(arguments)
    print(f"{platform.platform()}, {os.cpu_count()} cores, {platform.machine()}, Python {sys.version.split()[0]}")
    broken = False
    for database in chosen.database:
        with place_on(database) as place:
            began = time.monotonic()
            tally = run(forks(), place, chosen.kills, chosen.seed, show, began + 60 * chosen.minutes, chosen.aim)
        told(database, tally, time.monotonic() - began)
        broken |= bool(tally.violations)
    return int(broken)


def forks() -> ForkServerContext:
    """Fresh processes without the cost of importing: they fork from a server that has."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.killing.victim"])
    return context


@contextmanager
def place_on(database: str) -> Iterator[Place]:
    """An empty store's place, with a PostgreSQL of its own where asked for; durable, as in earnest."""
    with tempfile.TemporaryDirectory(prefix="touchstone-killing-") as folder:
        if database == "sqlite":
            yield Place(Path(folder))
            return
        with cluster(durable=True) as running:
            place = Place(Path(folder), running.fresh())
            migrate(place)
            yield place


def show(tally: Tally) -> None:
    """A line now and then for whoever waits."""
    kills = tally.targets.total()
    if kills % 5 == 0:
        print(f"  {kills} kills, {len(tally.violations)} violations", file=sys.stderr, flush=True)


def told(database: str, tally: Tally, seconds: float) -> None:
    """What the rounds on one database came to."""
    print(f"\n{database}: {tally.targets.total()} kills in {seconds:.0f} s")
    print(f"  aimed at: {', '.join(f'{name} {count}' for name, count in tally.targets.items())}")
    print(f"  under way when killed: {', '.join(f'{name} {count}' for name, count in tally.struck.most_common())}")
    print(f"  references acknowledged {tally.acknowledged}, withdrawn {tally.withdrawn}")
    print(f"  uploads under way that were sent again {tally.repeated}")
    print(f"  roll-outs changed {tally.rolled}, listings inspected {tally.inspected}, revised {tally.revised}")
    print(f"  violations {len(tally.violations)}", *tally.violations[:20], sep="\n    ")


if __name__ == "__main__":
    sys.exit(main())
