"""Galleries of many references, of synthetic vectors.

`python -m benchmarks.scale --rows 1000000 --brands 10000`, and `--beside hnswlib LanceDB Chroma "Qdrant local"` at a
size they can hold. Everything measured runs in a process of its own; set OMP_NUM_THREADS=1 for one core. With `--keep
FOLDER` the gallery stays, and is measured again without being written again.
"""

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.scale import others, ours, synthetic
from benchmarks.scale.measured import HEAD
from benchmarks.scale.synthetic import Size
from index.manifest import FILE


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows of one size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--brands", type=int, default=1_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--beside", nargs="*", choices=list(others.OTHERS), default=[])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scratch", type=Path, help="folder for the gallery: about 1.3 kB a vector")
    where.add_argument("--keep", type=Path, help="the gallery's folder itself, kept")
    chosen = parser.parse_args(arguments)
    size = Size(chosen.brands, chosen.rows // chosen.brands)
    python, load = sys.version.split()[0], os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {platform.machine()}, Python {python}, load {load:.1f}")
    with kept_or_not(chosen.keep, chosen.scratch) as directory:
        if not (directory / FILE).exists():
            start = time.perf_counter()
            peak_mb = apart(synthetic.write, size, chosen.seed, directory)
            print(f"written in {time.perf_counter() - start:.0f} s, in {peak_mb:.0f} MB at the most", flush=True)
        truth = apart(ours.exact, directory, size, chosen.queries, chosen.seed)
        row, joined_s, left_s = apart(ours.serve, directory, size, chosen.queries, chosen.seed, truth)
    print(HEAD, row.told(row), sep="\n", flush=True)
    for name in chosen.beside:
        said = apart(others.measure, name, size, chosen.queries, chosen.seed, truth)
        print(said if isinstance(said, str) else said.told(row), flush=True)
    print(f"one reference more is found after {joined_s:.2f} s, one less is found no more after {left_s:.2f} s")


@contextmanager
def kept_or_not(keep: Path | None, scratch: Path | None) -> Iterator[Path]:
    """The folder worked in: one that stays, or one that goes when it is over."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="touchstone-scale-", dir=scratch) as folder:
        yield Path(folder)


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do it in a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


if __name__ == "__main__":
    main()
