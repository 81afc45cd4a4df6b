"""References enrolled from photos through the real path: decoded, judged, stored, embedded, built, served.

`OMP_NUM_THREADS=1 python -m benchmarks.scale.enrolled --brands 1000 --each 100`. Photos are small and drawn for it, no
two alike. Then the service itself is started over what was enrolled: how soon is one upload more found, and how soon is
one that is switched off found no more? Each step runs in a process of its own.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.scale import small_photos
from benchmarks.scale.__main__ import apart
from benchmarks.scale.enrolling import Enrolment, enrolled
from benchmarks.scale.serving import Change, changes


def main(arguments: Sequence[str] | None = None) -> None:
    """Enrol, serve, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brands", type=int, default=20)
    parser.add_argument("--each", type=int, default=100, help="references of a brand")
    parser.add_argument("--changes", type=int, default=3, help="uploads, each switched off again")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scratch", type=Path, help="folder for store and gallery: about 4 MB a brand")
    chosen = parser.parse_args(arguments)
    python, load = sys.version.split()[0], os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {platform.machine()}, Python {python}, load {load:.1f}")
    with tempfile.TemporaryDirectory(prefix="touchstone-enrolled-", dir=chosen.scratch) as folder:
        done: Enrolment = apart(enrolled, Path(folder), chosen.brands, chosen.each, chosen.seed)
        tell(done)
        more = list(small_photos.photos(chosen.seed, 0, chosen.changes, chosen.each))
        for number, change in enumerate(changes(Path(folder), "brand000000", more), start=1):
            tell_change(number, change)
    print(f"load {os.getloadavg()[0]:.1f}")


def tell(done: Enrolment) -> None:
    """What enrolling took, and how fast that is."""
    print(f"{done.references:,} references of {done.brands:,} brands, {done.vectors:,} vectors, {done.kind}")
    for step, seconds in done.seconds.items():
        cpu = done.cpu_seconds[step]
        print(
            f"  {step}: {seconds:.1f} s, {cpu:.1f} s of a core, {done.references / cpu:.1f} references a second of it"
        )
    print(f"  of the build: {', '.join(f'{step} {seconds:.1f} s' for step, seconds in done.build_seconds.items())}")
    print(
        f"  {done.peak_mb:.0f} MB at the most; on disk: store {done.store_mb:.0f} MB, gallery {done.gallery_mb:.0f} MB"
    )


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
