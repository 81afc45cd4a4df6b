"""References enrolled from photos through the real path: decoded, judged, stored, embedded, built, served.

`OMP_NUM_THREADS=1 python -m benchmarks.scale.enrolled --brands 1000 --each 100`. Photos are small and drawn for it, no
two alike. Then the service itself is started over what was enrolled: how soon is one upload more found, and how soon is
one that is switched off found no more? With `--keep FOLDER` a run that was cut goes on where it was.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.scale import small_photos
from benchmarks.scale.__main__ import apart, kept_or_not
from benchmarks.scale.enrolling import BUILD_STEPS, Enrolment, enrolled
from benchmarks.scale.serving import Change, changes


def main(arguments: Sequence[str] | None = None) -> None:
    """Enrol, serve, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brands", type=int, default=20)
    parser.add_argument("--each", type=int, default=100, help="references of a brand")
    parser.add_argument("--together", type=int, default=50, help="brands taken in and built at a time")
    parser.add_argument("--threads", type=int, default=1, help="brands enrolled at once")
    parser.add_argument("--changes", type=int, default=3, help="uploads, each switched off again")
    parser.add_argument("--seed", type=int, default=0)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scratch", type=Path, help="folder for store and gallery: about 5 MB a brand")
    where.add_argument("--keep", type=Path, help="the data folder itself, kept, and gone on with if it is there")
    chosen = parser.parse_args(arguments)
    python, load = sys.version.split()[0], os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {platform.machine()}, Python {python}, load {load:.1f}")
    with kept_or_not(chosen.keep, chosen.scratch) as data_dir:
        apart(enrol, data_dir, chosen.brands, chosen.each, chosen.seed, chosen.together, chosen.threads)
        more = list(small_photos.photos(chosen.seed, 0, chosen.changes, first=chosen.each + int(time.time())))  # unseen
        for number, change in enumerate(changes(data_dir, "brand000000", more), start=1):
            tell_change(number, change)
    print(f"load {os.getloadavg()[0]:.1f}")


def enrol(data_dir: Path, brands: int, each: int, seed: int, together: int, threads: int) -> None:
    """Enrol, and print what it came to after some brands and at the end."""
    for done in enrolled(data_dir, brands, each, seed, together, threads):
        tell(done)


def tell(done: Enrolment) -> None:
    """What enrolling took so far, and how fast that is."""
    print(f"{done.references:,} references of {done.brands:,} brands, {done.vectors:,} vectors, {done.kind}")
    for step, cpu in done.cpu_seconds.items():
        rate = done.references / max(cpu, 1e-9)
        print(f"  {step}: {done.seconds[step]:.1f} s, {cpu:.1f} s of a core, {rate:.1f} references a second of it")
    parts = (f"{step} {done.seconds[step]:.1f} s" for step in BUILD_STEPS)
    print(f"  of the build: {', '.join(parts)}; load {os.getloadavg()[0]:.1f}")
    sizes = f"store {done.store_mb:.0f} MB, gallery {done.gallery_mb:.0f} MB"
    print(f"  {done.peak_mb:.0f} MB at the most; on disk: {sizes}", flush=True)


def tell_change(number: int, change: Change) -> None:
    """How soon one change was seen."""
    print(
        f"change {number}: acknowledged after {change.acknowledged_s:.2f} s, searchable {change.searchable_s:.2f} s "
        f"after that; switched off: answered after {change.off_answered_s:.2f} s, found no more {change.off_s:.2f} s "
        f"after it was asked (an inspection included), gallery without it {change.off_built_s:.2f} s after the answer; "
        f"service holds {change.service_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()
