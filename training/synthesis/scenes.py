"""Scenes: writes a set of composed listing photographs with the boxes of every mark, from a folder of artwork.

`python -m training.synthesis.scenes OUT --artwork DIR` writes `OUT/references/<brand>/*.jpg`, `OUT/listings/*.jpg`,
`OUT/listings.csv`, `OUT/boxes.csv` and a contact sheet, as `scene_plan` lays out. The number of processes does not
change a byte.
"""

import argparse
import dataclasses
import json
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.synthesis import listings
from training.synthesis.artwork import Artwork, load_folder
from training.synthesis.forgery import NotApplicable, forge
from training.synthesis.product import FINISHES
from training.synthesis.scene import COMPOSITIONS, Cast, Imprint, Scene, compose
from training.synthesis.scene.contact import contact_sheet
from training.synthesis.scene_plan import SceneJob, ScenePlan, reference_jobs, scene_jobs
from training.synthesis.scene_table import LEAST_VISIBLE, BoxRow, ListingRow, box_rows, listing_row, shown, write_rows
from vision.camera import PRESETS
from vision.errors import ConfigurationError, OutputExists, TouchstoneError

Rng = np.random.Generator

_TRIES = 6  # scenes composed until one shows the listed mark
_ON_SHEET = 48


# --- composing ----------------------------------------------------------------------------------


def render(job: SceneJob) -> Scene:
    """The scene of a job: the first of a few that shows the listed mark well enough to be called by its label."""
    rng = np.random.default_rng(job.seed)
    cast = _cast(job, rng)
    for trial in rng.spawn(_TRIES):
        scene = compose(cast, trial, job.long_side_px, condition=job.condition)
        if cast.listed is None or shown(scene) is not None:
            return scene
    return compose(cast, rng, job.long_side_px, "closeup", "studio", overlay_share=0.0)


def _cast(job: SceneJob, rng: Rng) -> Cast:
    strangers = tuple(Imprint(art.name, art.pixels, art.pixels, listed=False) for art in job.bystanders)
    return Cast(None if job.listed is None else _imprint(job.listed, job, rng), strangers, job.finishes)


def _imprint(art: Artwork, job: SceneJob, rng: Rng) -> Imprint:
    """The listed mark, altered in the first of the job's ways that it allows."""
    if not job.kinds:
        return Imprint(art.name, art.pixels, art.pixels)
    for kind in job.kinds:
        try:
            altered = forge(art.pixels, kind, job.severity, rng).artwork
        except NotApplicable:
            continue
        return Imprint(art.name, altered, art.pixels, kind, job.severity)
    raise ConfigurationError(f"artwork of {art.name!r} allows no alteration. Remove it from the folder.")


# --- writing a set ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What was written of one scene."""

    listing: ListingRow
    boxes: tuple[BoxRow, ...]


def _take(job: SceneJob, out: Path) -> Taken:
    scene = render(job)
    (out / job.path).write_bytes(listings.encoded(scene.photo))
    return Taken(listing_row(job, scene), tuple(box_rows(job.path, scene)))


def write(plan: ScenePlan, artworks: Sequence[Artwork], out: Path, processes: int = 1) -> Iterator[Taken]:
    """Writes the set into the new folder `out`, yielding each scene's rows as it is done."""
    if out.exists() and any(out.iterdir()):
        raise OutputExists(f"{out} is not empty. Name a new folder.")
    jobs = scene_jobs(plan, artworks)
    (out / "listings").mkdir(parents=True, exist_ok=True)
    for reference in reference_jobs(plan, artworks) if plan.references else ():
        listings.take(reference, out)
    taken: list[Taken] = []
    for one in _taken(jobs, out, processes):
        taken.append(one)
        yield one
    write_rows(out / "listings.csv", [one.listing for one in taken], ListingRow)
    write_rows(out / "boxes.csv", [box for one in taken for box in one.boxes], BoxRow)
    (out / "plan.json").write_text(json.dumps(dataclasses.asdict(plan), indent=2) + "\n", encoding="utf-8")
    cv2.imwrite(str(out / "contact.png"), _sheet_of(taken[:_ON_SHEET], out)[..., ::-1])


def _taken(jobs: Sequence[SceneJob], out: Path, processes: int) -> Iterator[Taken]:
    if processes == 1:
        yield from (_take(job, out) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(_take, jobs, [out] * len(jobs), chunksize=4)


def _sheet_of(taken: Sequence[Taken], out: Path) -> NDArray[np.uint8]:
    photos = [np.asarray(cv2.imread(str(out / one.listing.path)), np.uint8)[..., ::-1] for one in taken]
    boxes = [
        [((b.x1, b.y1, b.x2, b.y2), bool(b.listed), float(b.visible) >= LEAST_VISIBLE) for b in one.boxes]
        for one in taken
    ]
    return contact_sheet(photos, boxes)


# --- the command --------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a set as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    plan = ScenePlan(**_settings(asked))
    console = Console(stderr=True, markup=False, highlight=False)
    cv2.setNumThreads(1)
    try:
        rows = write(plan, load_folder(asked.artwork), asked.out, asked.processes)
        done = sum(1 for _ in track(rows, "scenes", plan.scenes + plan.unrelated, console=console))
    except TouchstoneError as fault:
        console.print(f"{fault.code}: {fault}")
        return fault.exit_code
    console.print(f"{done} scenes in {asked.out}; look at {asked.out / 'contact.png'}")
    return 0


def _settings(asked: argparse.Namespace) -> dict[str, Any]:
    named = {field.name: getattr(asked, field.name) for field in dataclasses.fields(ScenePlan)}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in named.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.synthesis.scenes",
        description="Write composed listing photographs of real or procedural artwork, with the boxes of all marks.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add, plan = parser.add_argument, ScenePlan()
    add("out", type=Path, help="new folder for the set")
    add("--artwork", type=Path, required=True, help="folder of PNG or SVG artwork, one file a brand")
    add("--brands", type=int, default=plan.brands, help="brands that listings are about")
    add("--references", type=int, default=plan.references, help="reference photographs a brand; 0 for none")
    add("--scenes", type=int, default=plan.scenes, help="scenes about a brand, in turns")
    add("--unrelated", type=int, default=plan.unrelated, help="scenes without a listed brand's mark")
    add("--skip-brands", type=int, default=plan.skip_brands, help="artwork left out first")
    add("--forged-share", type=float, default=plan.forged_share, help="of the scenes about a brand")
    add("--markless-share", type=float, default=plan.markless_share, help="of the unrelated: no mark of anybody")
    add("--bystanders", type=int, default=plan.bystanders, help="other brands at hand for one scene")
    add("--conditions", nargs="+", choices=sorted(PRESETS), default=plan.conditions, help="each is drawn alike")
    add("--finishes", nargs="+", choices=sorted(FINISHES), default=plan.finishes, help="each is drawn alike")
    add("--long-side-px", nargs=2, type=int, default=plan.long_side_px, help="least and most of a photograph")
    add("--seed", type=int, default=plan.seed, help="of everything that is drawn")
    add("--processes", type=int, default=1, help="processes that compose")
    parser.epilog = f"compositions: {', '.join(COMPOSITIONS)}"
    return parser


if __name__ == "__main__":
    sys.exit(main())
