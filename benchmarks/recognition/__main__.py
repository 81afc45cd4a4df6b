"""Brands told apart where the mark's region is given: our embedder beside teachers, random weights and plain features.

`python -m benchmarks.recognition OUT --data DIR` photographs the emblems of DIR into OUT/set (once: a set that is there
is reused), looks at them and at DIR's wild_logos with every row, and writes OUT/report.json, OUT/index.html and the
pictures they show. Photographs of wild_logos are not fit to publish: keep OUT to yourself.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.forgery.run import Bars, measured_by
from benchmarks.forgery.tally import machine
from benchmarks.recognition import emblem_set, report, wild_set
from benchmarks.recognition.crop import Crop
from benchmarks.recognition.embedders import CARRIED, Asked, OfBundle, lookers
from benchmarks.recognition.emblem_set import EmblemPlan
from benchmarks.recognition.measured import measure
from training.synthesis.artwork import load_folder
from vision.bundle import carried


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    return measured_by(lambda console: _run(asked, console))


def _run(asked: argparse.Namespace, console: Console) -> None:
    started, bars = time.process_time(), Bars(console)
    ours = [Asked(carried(), CARRIED), *asked.bundle]
    found, absent = lookers(ours[0], ours[1:], asked.weights, asked.without)
    asked.out.mkdir(parents=True, exist_ok=True)
    with bars.progress:
        emblems = _emblems(asked, bars)
        wild = wild_set.load(asked.data / "wild_logos")
        rows = measure(emblems, wild, found, bars.tell)
    kept = sum(1 for one in found if isinstance(one, OfBundle))
    about = {"machine": machine(), "threads": os.environ.get("OMP_NUM_THREADS", "not set"), "set": _told(emblems)}
    about["seconds_of_cpu"] = f"{time.process_time() - started:.0f}"
    report.write(rows, kept, about, absent, asked.out, Console(width=max(200, console.width)))
    console.print(f"{asked.out / 'index.html'}, {asked.out / 'report.json'}")


def _emblems(asked: argparse.Namespace, bars: Bars) -> list[Crop]:
    folder = asked.set or asked.out / "set"
    plan = EmblemPlan(asked.brands, asked.strangers, asked.references, asked.genuine, asked.seed)
    if not (folder / emblem_set.TABLE).is_file():
        artworks = load_folder(asked.data / "emblems")
        bars.drain("photographs", emblem_set.write(plan, artworks, folder), plan.photographs)
    return emblem_set.load(folder)


def _told(crops: Sequence[Crop]) -> str:
    brands = {one.brand for one in crops if one.role == "reference"}
    strangers = {one.brand for one in crops if one.role == "stranger"}
    return f"{len(brands)} brands and {len(strangers)} strangers, {len(crops)} photographs"


def _asked(words: str) -> Asked:
    try:
        return Asked.read(words)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{words!r} is no [NAME=]DIR[@PX]: PX is a number of pixels") from fault


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recognition",
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    weights = os.environ.get("TOUCHSTONE_WEIGHTS")
    add("out", type=Path, help="folder for the report; what an earlier run wrote there is replaced, its set reused")
    add("--data", type=Path, required=True, help="folder of emblems and, if at hand, wild_logos")
    add("--set", type=Path, help="folder of the emblems' photographs, OUT/set if left out")
    add("--bundle", type=_asked, action="append", default=[], metavar="[NAME=]DIR[@PX]", help="a further one; repeat")
    add("--weights", type=Path, default=weights, help="folder of teachers; $TOUCHSTONE_WEIGHTS if left out")
    add("--without", action="append", default=[], metavar="PART", help="leave out rows whose name holds this; repeat")
    add("--brands", type=int, default=EmblemPlan.brands, help="of a set that is drawn: brands enrolled")
    add("--strangers", type=int, default=EmblemPlan.strangers, help="likewise: brands not enrolled")
    add("--references", type=int, default=EmblemPlan.references, help="likewise: a brand")
    add("--genuine", type=int, default=EmblemPlan.genuine, help="likewise: photographs a brand and condition")
    add("--seed", type=int, default=EmblemPlan.seed, help="likewise")
    return parser


if __name__ == "__main__":
    sys.exit(main())
