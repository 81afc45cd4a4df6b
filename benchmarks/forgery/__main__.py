"""The forgery benchmark: ours and the baselines on one set of photographs, in one run.

`python -m benchmarks.forgery OUT --data DIR` photographs the emblems of DIR into OUT/set (once: a set that is there is
reused), measures every row and writes OUT/report.json, OUT/index.html and the pictures they show.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.forgery import false_flags, faults, photo_set, report, split
from benchmarks.forgery.baselines import Baselines, baseline_rows, our_row
from benchmarks.forgery.curve import curve
from benchmarks.forgery.figures import labelled
from benchmarks.forgery.measured import Measured
from benchmarks.forgery.photo_set import PhotoSet
from benchmarks.forgery.readings import Ours, Tell, read_all
from benchmarks.forgery.run import Bars, measured_by
from benchmarks.forgery.tally import machine
from training.evaluate import report_of
from training.synthesis.plan import Plan
from training.synthesis.product import FINISHES
from vision.bundle import Bundle, carried
from vision.camera import PRESETS
from vision.errors import TouchstoneError


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    return measured_by(lambda console: _run(asked, console))


def _run(asked: argparse.Namespace, console: Console) -> None:
    started = time.perf_counter()
    bundle = Bundle.open(asked.bundle or carried())
    asked.out.mkdir(parents=True, exist_ok=True)
    bars = Bars(console)
    beside = Baselines.open(bundle, asked.weights, asked.without)
    with bars.progress:
        photos = _photo_set(asked, bars, console)
        measured = _measured(asked, bundle, photos, beside, bars.tell)
    seconds = round(time.perf_counter() - started, 1)
    report.write(measured, seconds, asked.out, Console(width=max(150, console.width)))
    console.print(f"{seconds:.0f} s; {asked.out / 'index.html'}, {asked.out / 'report.json'}")


def _photo_set(asked: argparse.Namespace, bars: Bars, console: Console) -> PhotoSet:
    """The set, drawn where it is not there yet; masks that can't be drawn are done without."""
    folder, artwork = asked.set or asked.out / "set", asked.data / "emblems"
    plan = Plan(
        brands=asked.brands or Plan.brands,
        references=max([asked.enrolled, *asked.references]),
        listings=asked.listings,
        unrelated=asked.unrelated,
        finishes=tuple(asked.finishes),
        listing_conditions=tuple(asked.conditions),
        seed=asked.seed,
    )
    total = plan.brands * (plan.references + plan.listings) + plan.unrelated
    bars.drain("photographs", photo_set.photographs(plan, artwork, folder, asked.processes), total)
    try:
        bars.drain("masks", photo_set.masks(artwork, folder))
    except TouchstoneError as fault:
        console.print(f"where the map peaks cannot be judged: {fault}")
    return photo_set.load(folder, asked.brands)


def _measured(asked: argparse.Namespace, bundle: Bundle, photos: PhotoSet, beside: Baselines, tell: Tell) -> Measured:
    alphas = sorted({asked.alpha, *false_flags.ALPHAS})
    ours = read_all(bundle, photos, [asked.alpha, *alphas], tell)
    readings = ours.of_brands()
    rows = baseline_rows(beside, ours, photos, tell)
    points, beyond = curve(bundle, photos, asked.references, asked.alpha, ours, tell)
    fewer = {f"{count} references": "the set holds fewer; draw one with --references" for count in beyond}
    return Measured(
        about=_about(asked, photos, ours),
        rows=[our_row(ours), *rows],
        absent={**beside.absent, **fewer},
        labelled=labelled([one.listing for one in readings]),
        readings=readings,
        recognition=_recognition(ours, asked.alpha),
        rates=false_flags.at_rates(readings, alphas),
        rates_by_slice=false_flags.by_slice(readings, alphas),
        faults=faults.faults(readings, asked.alpha),
        curve=points,
    )


def _about(asked: argparse.Namespace, photos: PhotoSet, ours: Ours) -> dict[str, object]:
    return {
        "machine": machine(),
        "threads": os.environ.get("OMP_NUM_THREADS", "not set"),
        "bundle": ours.bundle,
        "embedder": ours.embedder,
        "alpha": asked.alpha,
        "set": photos.folder.name,
        "brands": len(photos.references),
        "listings": len(photos.listings),
        "split": split.split_of(asked.data).as_json(photos.references),
    }


def _recognition(ours: Ours, alpha: float) -> dict[str, object]:
    """What `touchstone evaluate` reports of the same answers."""
    full = report_of([one.outcome for one in ours.readings], alpha, 0.0)
    kept = ("brand_recall_at_1", "false_recognition_rate", "false_flag_rate", "undecided_rate", "photos_per_second")
    return {key: full[key] for key in (*kept, "counts", "errors")}


def _counts(words: str) -> list[int]:
    counts = [int(word) for word in words.split(",") if word]
    if any(count < 1 for count in counts):
        raise argparse.ArgumentTypeError("give numbers of references from 1 up, as 1,2,4,8,16")
    return counts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.forgery",
        description="Tell altered designs from genuine ones: ours and the baselines, on one set of photographs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    weights = os.environ.get("TOUCHSTONE_WEIGHTS")
    add("out", type=Path, help="folder for the report; what an earlier run wrote there is replaced, its set reused")
    add("--data", type=Path, required=True, help="folder of data: emblems, and artwork_svg to state the split")
    add("--set", type=Path, help="folder of the photographs, OUT/set if left out")
    add("--brands", type=int, help=f"brands measured on, the set's first; {Plan.brands} are drawn if left out")
    add("--listings", type=int, default=Plan.listings, help="of a set that is drawn: listings a brand, half forged")
    add("--unrelated", type=int, default=Plan.unrelated, help="likewise: listings of none of the brands")
    add("--enrolled", type=int, default=Plan.references, help="likewise: references a brand, more if --references asks")
    add("--conditions", nargs="+", choices=sorted(PRESETS), default=list(Plan.listing_conditions), help="likewise")
    add("--finishes", nargs="+", choices=sorted(FINISHES), default=list(Plan.finishes), help="likewise: beside print")
    add("--seed", type=int, default=0, help="likewise")
    add("--processes", type=int, default=1, help="processes that take photographs")
    add("--references", type=_counts, default=[], help="also ours with so many references a brand, as 1,2,4,8,16")
    add("--bundle", type=Path, help="the carried one if left out")
    add("--alpha", type=float, default=0.01, help="allowed share of genuine listings flagged")
    add("--weights", type=Path, default=weights, help="folder of teachers; $TOUCHSTONE_WEIGHTS if left out")
    add("--without", action="append", default=[], metavar="PART", help="leave out rows whose name holds this; repeat")
    return parser


if __name__ == "__main__":
    sys.exit(main())
