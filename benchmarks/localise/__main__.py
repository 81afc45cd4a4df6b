"""Where marks of brands never seen are found: our regions beside windows, selective search and the detector.

`python -m benchmarks.localise OUT --data DIR` composes scenes with the emblems of DIR (kept in OUT/scenes), looks at
them and at DIR's storefronts and wild_logos, and writes OUT/localise.csv, plots and pictures. Real photographs are not
fit to publish: keep OUT to yourself.
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
from benchmarks.localise.measured import Measured, measure
from benchmarks.localise.photo_set import PhotoSet, composed, real
from benchmarks.localise.pictures import write_pictures
from benchmarks.localise.plots import draw
from benchmarks.localise.proposer import proposers
from benchmarks.localise.tables import sliced, summary, write_csv
from vision.bundle import Bundle, carried


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    return measured_by(lambda console: _run(asked, console))


def _run(asked: argparse.Namespace, console: Console) -> None:
    started, bundle = time.process_time(), Bundle.open(asked.bundle or carried())
    asked.out.mkdir(parents=True, exist_ok=True)
    bars = Bars(console)
    with bars.progress:
        measured = [
            measure(proposer, photo_set, bars.tell)
            for photo_set in _sets(asked)
            for proposer in proposers(bundle, asked.detector)
        ]
    _report(measured, asked, started)


def _sets(asked: argparse.Namespace) -> list[PhotoSet]:
    sets = [composed(asked.out / "scenes", asked.artwork or asked.data / "emblems", asked.scenes, asked.seed)]
    return [*sets, *(real(name, asked.data, asked.real) for name in ("storefronts", "wild_logos") if asked.real)]


def _report(measured: Sequence[Measured], asked: argparse.Namespace, started: float) -> None:
    write_csv(measured, asked.out / "localise.csv")
    draw(measured, asked.out / "localise.png")
    page = Console(width=max(180, Console().width))
    page.print(summary(measured))
    for name in dict.fromkeys(one.photo_set.name for one in measured):
        part = [one for one in measured if one.photo_set.name == name]
        page.print(sliced(part))
        write_pictures(part[-1], asked.out / "pictures", asked.pictures)
    spent = f"{time.process_time() - started:.0f} s of CPU, {os.environ.get('OMP_NUM_THREADS', 'all')} threads"
    page.print(f"{len(measured[0].looked)} scenes; {machine()}; {spent}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.localise",
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("out", type=Path, help="folder for scenes, table, plots and pictures")
    add("--data", type=Path, required=True, help="folder of emblems, storefronts and wild_logos")
    add("--artwork", type=Path, help="folder of artwork to compose with; DATA/emblems if left out")
    add("--scenes", type=int, default=300, help="scenes about a brand; a sixth as many without")
    add("--real", type=int, default=150, help="real photographs a folder at most; 0 for none")
    add("--bundle", type=Path, help="the carried one if left out")
    add("--detector", type=Path, help="a detector.onnx to measure; the bundle's if left out")
    add("--pictures", type=int, default=20, help="pictures written a set")
    add("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
