"""Photos a second, end to end: bytes of listing scenes to verdicts, on one thread and on several, stage by stage.

Run: `OMP_NUM_THREADS=1 python -m benchmarks.rate OUT --data DIR [--bundle DIR] [--threads 1 2]`. Composes scenes with
the emblems of DIR (kept in OUT), enrols their brands, inspects every scene on so many threads of one process, then once
more under a profiler for the share of each stage. Beside them, in the same run, stands the bare runtime: embedding as
many regions and nothing else. Wall time holds on an idle machine only, so CPU seconds a photo are printed too.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is loaded

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
from rich.console import Console
from rich.table import Table

from benchmarks.forgery.run import Bars
from benchmarks.forgery.tally import machine
from benchmarks.scenes.trial import Trial
from index.folder import brand_folders, passing_gallery
from training.synthesis.scene_plan import ScenePlan
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder
from vision.inspection import Inspector
from vision.photo import decode
from vision.policy import Policy
from vision.regions import region
from vision.verdict import Verdict

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# Functions of a look none of which calls another of them: file and name, by stage.
STAGES: Mapping[str, frozenset[tuple[str, str]]] = {
    "decode": frozenset({("photo.py", "decode"), ("photo.py", "fit")}),
    "detect": frozenset({("detector.py", "detect")}),
    "features": frozenset({("features.py", "extract")}),
    "embed": frozenset({("embedder.py", "embed")}),
    "search": frozenset({("gallery.py", "nearest")}),
    "match": frozenset({("placing.py", "attempts")}),
    "align": frozenset({("placing.py", "best")}),
    "vote": frozenset({("placer.py", "voted")}),
    "appearance": frozenset({("scan.py", "of"), ("scan.py", "scan"), ("sought.py", "placed")}),
    "register": frozenset({("sighting.py", "sight")}),
    "measure": frozenset({("divergence.py", "measure"), ("divergence.py", "compared_among")}),
}


@dataclass(frozen=True)
class Timed:
    """How long so many photos took."""

    photos: int
    wall_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Photos a second of wall time."""
        return self.photos / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU a photo."""
        return 1000 * self.cpu_s / self.photos


def timed(work: Callable[[Item], Answer], items: Sequence[Item], threads: int) -> tuple[Timed, list[Answer]]:
    """Do the work on every item on so many threads."""
    with ThreadPoolExecutor(threads) as pool:
        wall, cpu = time.perf_counter(), time.process_time()
        answers = list(pool.map(work, items))
        return Timed(len(items), time.perf_counter() - wall, time.process_time() - cpu), answers


def shares(work: Callable[[Item], object], items: Sequence[Item]) -> dict[str, float]:
    """Share of the time of each stage, and of the rest, on one thread."""
    profile = cProfile.Profile()
    profile.enable()
    for item in items:
        work(item)
    profile.disable()
    spent = _seconds(pstats.Stats(profile))
    total = spent.pop("total")
    return {stage: seconds / total for stage, seconds in spent.items()} | {"rest": 1 - sum(spent.values()) / total}


def _seconds(stats: pstats.Stats) -> dict[str, float]:
    """Seconds of each stage with all that it calls, and of everything."""
    found = dict.fromkeys(STAGES, 0.0) | {"total": stats.total_tt}  # type: ignore[attr-defined]
    for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined]
        for stage, functions in STAGES.items():
            if (Path(file).name, name) in functions:
                found[stage] += cumulative
    return found


@contextmanager
def _inspecting(bundle: Bundle, references: Path, policy: Policy) -> Iterator[Inspector]:
    embedder = OnnxEmbedder(bundle)
    with passing_gallery(brand_folders(references), embedder) as gallery:
        yield Inspector.of(bundle, embedder, gallery, policy)


def measure(inspector: Inspector, photos: Sequence[bytes], threads: Sequence[int]) -> tuple[Table, Table]:
    """Rates, and shares of stages, of photos as their files hold them."""

    def answered(data: bytes) -> Verdict:
        return inspector.inspect([decode(data)])

    def embedded(data: bytes) -> None:
        photo = decode(data).fit(inspector.policy.working_side_px)
        proposed = region.propose(photo, inspector.policy.max_regions)
        inspector.recogniser.embedder.embed([region.crop(photo, one) for one in proposed])

    timed(answered, photos[:8], 1)  # warms what a look keeps of its templates
    rates = Table("photos of listings", "threads", "photos a second", "CPU ms a photo", "of the bare runtime")
    for count in threads:
        bare, _ = timed(embedded, photos, count)
        whole, verdicts = timed(answered, photos, count)
        rates.add_row("decoded and embedded", str(count), f"{bare.rate:.1f}", f"{bare.cpu_ms:.0f}", "1.00x")
        ratio = whole.cpu_ms / bare.cpu_ms
        rates.add_row("inspected", str(count), f"{whole.rate:.1f}", f"{whole.cpu_ms:.0f}", f"{ratio:.2f}x the CPU")
    recognised = sum(verdict.brand is not None for verdict in verdicts)
    stages = Table(f"share of time, {recognised} of {len(photos)} photos recognised", "")
    for stage, share in shares(answered, photos).items():
        stages.add_row(stage, f"{share:.1%}")
    return rates, stages


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of the scenes, composed if they are not there")
    parser.add_argument("--data", type=Path, required=True, help="folder of emblems")
    parser.add_argument("--bundle", type=Path, help="default: the carried one")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--side-px", type=int, default=800, help="longer side of the photos")
    parser.add_argument("--brands", type=int, default=40)
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    console, trial, bundle = Console(), Trial(chosen.out), Bundle.open(chosen.bundle or carried())
    unrelated, sides = chosen.photos // 5, (chosen.side_px, chosen.side_px)
    plan = ScenePlan(chosen.brands, scenes=chosen.photos - unrelated, unrelated=unrelated, long_side_px=sides, seed=1)
    bars = Bars(Console(stderr=True))
    with bars.progress:
        trial.compose(chosen.data / "emblems", plan, bars.drain)
    photos = [file.read_bytes() for file in sorted((chosen.out / "listings").iterdir())]
    with _inspecting(bundle, trial.references, Policy()) as inspector:
        for table in measure(inspector, photos, chosen.threads):
            console.print(table)
    console.print(f"{len(photos)} scenes of {chosen.side_px} px, {chosen.brands} brands; {machine()}")


if __name__ == "__main__":
    main()
