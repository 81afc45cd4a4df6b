"""Samples: the dozen fictional brands that `touchstone demo` carries, photographed.

`python -m training.synthesis.samples cli/samples` writes `references/<brand>/*.jpg`, `listings/*.jpg` and
`listings.csv`, in the form that `touchstone evaluate` reads. The brands' seeds lie above every one trained on.
"""

import dataclasses
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from training.synthesis import brand
from training.synthesis.artwork import Artwork
from training.synthesis.listings import Row, render, write_table
from training.synthesis.plan import Job, Plan, plan_jobs
from vision.errors import OutputExists

FIRST_SEED = 9_000_000  # training draws from seeds below
# Added to FIRST_SEED. Chosen by eye for marks that do not resemble one another, before any was inspected.
CHOSEN = (0, 1, 6, 7, 11, 13, 32, 39, 42, 43, 51, 53, 58, 64, 67, 71)
JPEG_QUALITY = 85
PLAN = Plan(
    brands=12, references=6, listings=4, unrelated=6, products_per_brand=2, long_side_px=(480, 480), seed=FIRST_SEED
)


def brands() -> list[Artwork]:
    """The chosen brands; those beyond the plan's dozen are photographed but not enrolled."""
    drawn = (brand.draw(FIRST_SEED + offset) for offset in CHOSEN)
    return [Artwork(fictional.name, fictional.artwork) for fictional in drawn]


def write(out: Path) -> list[Row]:
    """Photograph the samples into a new folder -> the lines of its table. Errors: `OutputExists`."""
    if out.exists() and any(out.iterdir()):
        raise OutputExists(f"{out} is not empty; delete it, or name a new folder")
    rows = [_take(job, out) for job in plan_jobs(PLAN, brands())]
    listed = [row for row in rows if row.label != "reference"]
    write_table(out / "listings.csv", listed)
    return listed


def _take(job: Job, out: Path) -> Row:
    photo, row = render(job)
    file = out / job.path
    file.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(photo[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    file.write_bytes(data.tobytes())
    return dataclasses.replace(row, brand=row.brand.lower())


def main(out: Annotated[Path, typer.Argument(help="New folder for the samples.")]) -> None:
    """Draw the samples that the demo carries."""
    typer.echo(f"{len(write(out))} listings in {out}")


if __name__ == "__main__":
    typer.run(main)
