"""Listings: writes an evaluation set of photographs, references and listings, from a folder of artwork.

`python -m training.synthesis.listings OUT --artwork DIR` writes `OUT/references/<brand>/*.jpg`, `OUT/listings/*.jpg`
and `OUT/listings.csv`, as `plan` lays out. The number of processes does not change a byte.
"""

import argparse
import csv
import dataclasses
import json
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.synthesis.artwork import Artwork, load_folder
from training.synthesis.forgery import NotApplicable, forge
from training.synthesis.plan import PRINTED, Job, Plan, plan_jobs
from training.synthesis.product import FINISHES, mount
from vision.camera import BUSY_BACKDROPS, PRESETS, photograph
from vision.errors import ConfigurationError, OutputExists, TouchstoneError

Rgba = NDArray[np.uint8]
Rng = np.random.Generator

COLUMNS = ("path", "brand", "label", "alteration", "severity", "product", "condition")


@dataclass(frozen=True)
class Row:
    """One line of `listings.csv`."""

    path: str
    brand: str
    label: str
    alteration: str
    severity: str
    product: str
    condition: str
    finish: str = PRINTED


# --- taking the photographs ---------------------------------------------------------------------


def render(job: Job) -> tuple[NDArray[np.uint8], Row]:
    """The photograph [H, W, 3] of a job and its line of the table."""
    rng = np.random.default_rng(job.seed)
    forge_rng, mount_rng, camera_rng = rng.spawn(3)
    artwork, alteration = altered(job, forge_rng)
    conditions = PRESETS[job.condition]
    if artwork is None:
        canvas, mark = np.zeros((64, 64, 4), np.uint8), None
        conditions = dataclasses.replace(conditions, backdrops=BUSY_BACKDROPS)
    else:
        mounted = mount(artwork, job.product, mount_rng, job.finish, job.artwork)
        canvas, mark = mounted.canvas, mounted.mark
    shot = photograph(canvas, conditions, camera_rng, job.long_side_px, mark)
    severity = str(job.severity) if alteration else ""
    row = Row(job.path, job.brand, job.label, alteration, severity, job.product, job.condition, job.finish)
    return shot.photo, row


def altered(job: Job, rng: Rng) -> tuple[Rgba | None, str]:
    """The artwork to mount and the name of its alteration: the first of the job's that this artwork allows."""
    if job.artwork is None or not job.kinds:
        return job.artwork, ""
    for kind in job.kinds:
        try:
            return forge(job.artwork, kind, job.severity, rng).artwork, kind
        except NotApplicable:
            continue
    raise ConfigurationError(f"artwork of {job.brand!r} allows no alteration. Remove it from the folder.")


def take(job: Job, out: Path) -> Row:
    """Take one photograph into the set's folder."""
    photo, row = render(job)
    file = out / job.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encoded(photo))
    return row


def encoded(photo: NDArray[np.uint8]) -> bytes:
    """A photograph [H, W, 3] as its file holds it."""
    _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return data.tobytes()


def write(plan: Plan, artworks: Sequence[Artwork], out: Path, processes: int = 1) -> Iterator[Row]:
    """Writes the set into the new folder `out`, yielding each photograph's row as it is done."""
    if out.exists() and any(out.iterdir()):
        raise OutputExists(f"{out} is not empty. Name a new folder.")
    jobs = plan_jobs(plan, artworks)
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for row in _taken(jobs, out, processes):
        rows.append(row)
        yield row
    write_table(out / "listings.csv", [row for row in rows if row.label != "reference"])
    (out / "plan.json").write_text(json.dumps(dataclasses.asdict(plan), indent=2) + "\n", encoding="utf-8")


def _taken(jobs: Sequence[Job], out: Path, processes: int) -> Iterator[Row]:
    if processes == 1:
        yield from (take(job, out) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(take, jobs, [out] * len(jobs), chunksize=4)


def write_table(file: Path, rows: Sequence[Row]) -> None:
    """Write `listings.csv`, with the finish where there are several."""
    columns = COLUMNS if {row.finish for row in rows} <= {PRINTED} else (*COLUMNS, "finish")
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(dataclasses.asdict(row) for row in rows)


# --- the command --------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a set as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    plan = Plan(
        asked.brands,
        asked.references,
        asked.listings,
        asked.unrelated,
        asked.skip_brands,
        finishes=tuple(asked.finishes),
        listing_conditions=tuple(asked.conditions),
        seed=asked.seed,
    )
    total = plan.brands * (plan.references + plan.listings) + plan.unrelated
    console = Console(stderr=True, markup=False, highlight=False)
    try:
        rows = write(plan, load_folder(asked.artwork), asked.out, asked.processes)
        done = sum(1 for _ in track(rows, "photographs", total, console=console))
    except TouchstoneError as fault:
        console.print(f"{fault.code}: {fault}")
        return fault.exit_code
    console.print(f"{done} photographs in {asked.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.synthesis.listings",
        description="Write an evaluation set: reference and listing photographs of real or procedural artwork.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("out", type=Path, help="new folder for the set")
    parser.add_argument("--artwork", type=Path, required=True, help="folder of PNG or SVG artwork, one file a brand")
    parser.add_argument("--brands", type=int, default=Plan.brands, help="brands enrolled")
    parser.add_argument("--references", type=int, default=Plan.references, help="references a brand")
    parser.add_argument("--listings", type=int, default=Plan.listings, help="listings a brand, half of them forged")
    parser.add_argument("--unrelated", type=int, default=Plan.unrelated, help="photographs without an enrolled mark")
    parser.add_argument("--skip-brands", type=int, default=Plan.skip_brands, help="artwork left out first")
    parser.add_argument(
        "--conditions",
        nargs="+",
        choices=sorted(PRESETS),
        default=Plan.listing_conditions,
        help="of the listings' photographs; each is drawn alike, so a name given twice is drawn twice as often",
    )
    parser.add_argument(
        "--finishes",
        nargs="+",
        choices=sorted(FINISHES),
        default=Plan.finishes,
        help="each brand comes in print and in one of these, references and listings alike",
    )
    parser.add_argument("--seed", type=int, default=Plan.seed, help="of everything that is drawn")
    parser.add_argument("--processes", type=int, default=1, help="processes that take photographs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
