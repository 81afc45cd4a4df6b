"""Listings: writes an evaluation set of photographs, references and listings, from a folder of artwork.

`python -m training.synthesis.listings OUT --artwork DIR` writes `OUT/references/<brand>/*.jpg`, `OUT/listings/*.jpg`
and `OUT/listings.csv`. Genuine and forged listings are drawn from one distribution of products and conditions;
every photograph has a seed of its own, so that the number of processes does not change a byte.
"""

import csv
import dataclasses
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.synthesis.artwork import Artwork, load_folder
from training.synthesis.forgery import KINDS, SEVERITIES, NotApplicable, forge
from training.synthesis.product import PRODUCTS, mount
from vision.camera import BUSY_BACKDROPS, PRESETS, photograph
from vision.errors import ConfigurationError, OutputExists, TouchstoneError

Rgba = NDArray[np.uint8]
Rng = np.random.Generator

COLUMNS = ("path", "brand", "label", "alteration", "severity", "product", "condition")


@dataclass(frozen=True)
class Plan:
    """How large a set is and what it shows. Half of each brand's listings are forged."""

    brands: int = 40
    references: int = 8  # a brand
    listings: int = 12  # a brand
    unrelated: int = 40
    skip_brands: int = 0  # artwork left out before the brands are chosen, e.g. because it was trained on
    products: tuple[str, ...] = PRODUCTS
    products_per_brand: int = 3
    reference_condition: str = "studio"
    listing_conditions: tuple[str, ...] = ("mild", "mild", "mild", "hard")  # drawn evenly
    long_side_px: tuple[int, int] = (400, 720)
    markless_share: float = 0.25  # of the unrelated photographs: no mark at all
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Job:
    """One photograph to take. `kinds` is the order in which alterations are tried; empty for an unaltered mark."""

    path: str  # relative to the set's folder
    label: str  # reference, genuine, counterfeit or unrelated
    brand: str  # empty for unrelated
    artwork: Rgba | None  # None: only surroundings
    product: str
    condition: str
    kinds: tuple[str, ...]
    severity: int
    long_side_px: int
    seed: tuple[int, int]


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


# --- planning -----------------------------------------------------------------------------------


def plan_jobs(plan: Plan, artworks: Sequence[Artwork]) -> list[Job]:
    """Every photograph of the set, references first, in an order that does not tell the labels."""
    needed = plan.skip_brands + plan.brands + (1 if plan.unrelated else 0)
    if len(artworks) < needed:
        raise ConfigurationError(
            f"{len(artworks)} pieces of artwork for {plan.brands} brands after {plan.skip_brands} skipped and some "
            f"unrelated: {needed} are needed. Give a larger folder or fewer brands."
        )
    rng = np.random.default_rng(plan.seed)
    order = [artworks[index] for index in rng.permutation(len(artworks))]
    enrolled = order[plan.skip_brands : plan.skip_brands + plan.brands]
    strangers = order[plan.skip_brands + plan.brands :]
    listings = [*_brand_listings(plan, enrolled, rng), *_unrelated(plan, strangers, rng)]
    shuffled = [listings[index] for index in rng.permutation(len(listings))]
    named = (dataclasses.replace(job, path=f"listings/{i:04d}.jpg") for i, job in enumerate(shuffled, start=1))
    jobs = [*_references(plan, enrolled, rng), *named]
    return [dataclasses.replace(job, seed=(plan.seed, number)) for number, job in enumerate(jobs)]


def _references(plan: Plan, enrolled: Sequence[Artwork], rng: Rng) -> Iterator[Job]:
    for index, artwork in enumerate(enrolled):
        products = _range_of(plan, index)
        for number in range(plan.references):
            product = products[number % len(products)]
            path = f"references/{artwork.name}/{number + 1:02d}.jpg"
            yield _job(plan, rng, "reference", artwork, product, path=path, condition=plan.reference_condition)


def _brand_listings(plan: Plan, enrolled: Sequence[Artwork], rng: Rng) -> Iterator[Job]:
    """Label, product and condition are drawn apart: none tells another. Alterations take turns."""
    turn = 0
    for index, artwork in enumerate(enrolled):
        products = _range_of(plan, index)
        for number in range(plan.listings):
            forged = number % 2 == 1
            product = str(rng.choice(products))
            if not forged:
                yield _job(plan, rng, "genuine", artwork, product)
                continue
            first = turn % len(KINDS)
            severity = SEVERITIES[(turn // len(KINDS) + turn) % len(SEVERITIES)]
            kinds = (KINDS[first], *(str(kind) for kind in rng.permutation(KINDS) if kind != KINDS[first]))
            yield _job(plan, rng, "counterfeit", artwork, product, kinds=kinds, severity=severity)
            turn += 1


def _unrelated(plan: Plan, strangers: Sequence[Artwork], rng: Rng) -> Iterator[Job]:
    """Marks of brands that are not enrolled, blank products, and surroundings with no product in them."""
    markless = round(plan.unrelated * plan.markless_share)
    for number in range(plan.unrelated):
        stranger = strangers[int(rng.integers(len(strangers)))]
        product = str(rng.choice(plan.products))
        if number < markless // 2:
            yield _job(plan, rng, "unrelated", None, "")
        elif number < markless:
            yield _job(plan, rng, "unrelated", Artwork("", np.zeros_like(stranger.pixels)), product)
        else:
            yield _job(plan, rng, "unrelated", stranger, product)


def _range_of(plan: Plan, brand_index: int) -> list[str]:
    """The classes of goods that one brand sells."""
    rng = np.random.default_rng((plan.seed, 1, brand_index))
    count = min(plan.products_per_brand, len(plan.products))
    return [str(product) for product in rng.permutation(plan.products)[:count]]


def _job(
    plan: Plan,
    rng: Rng,
    label: str,
    artwork: Artwork | None,
    product: str,
    path: str = "",
    condition: str = "",
    kinds: tuple[str, ...] = (),
    severity: int = 0,
) -> Job:
    drawn = str(rng.choice(plan.listing_conditions))
    long_side_px = int(rng.integers(plan.long_side_px[0], plan.long_side_px[1] + 1))
    brand = artwork.name if artwork is not None and label != "unrelated" else ""
    pixels = artwork.pixels if artwork is not None else None
    return Job(path, label, brand, pixels, product, condition or drawn, kinds, severity, long_side_px, (0, 0))


# --- taking the photographs ---------------------------------------------------------------------


def render(job: Job) -> tuple[NDArray[np.uint8], Row]:
    """The photograph [H, W, 3] of a job and its line of the table."""
    rng = np.random.default_rng(job.seed)
    forge_rng, mount_rng, camera_rng = rng.spawn(3)
    artwork, alteration = _altered(job, forge_rng)
    conditions = PRESETS[job.condition]
    if artwork is None:
        canvas, mark = np.zeros((64, 64, 4), np.uint8), None
        conditions = dataclasses.replace(conditions, backdrops=BUSY_BACKDROPS)
    else:
        mounted = mount(artwork, job.product, mount_rng, genuine=job.artwork)
        canvas, mark = mounted.canvas, mounted.mark
    shot = photograph(canvas, conditions, camera_rng, job.long_side_px, mark)
    severity = str(job.severity) if alteration else ""
    return shot.photo, Row(job.path, job.brand, job.label, alteration, severity, job.product, job.condition)


def _altered(job: Job, rng: Rng) -> tuple[Rgba | None, str]:
    """The artwork to mount and the name of its alteration: the first of the job's that this artwork allows."""
    if job.artwork is None or not job.kinds:
        return job.artwork, ""
    for kind in job.kinds:
        try:
            return forge(job.artwork, kind, job.severity, rng).artwork, kind
        except NotApplicable:
            continue
    raise ConfigurationError(f"artwork of {job.brand!r} allows no alteration. Remove it from the folder.")


def _take(job: Job, out: Path) -> Row:
    photo, row = render(job)
    file = out / job.path
    file.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    file.write_bytes(data.tobytes())
    return row


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
    _write_table(out / "listings.csv", [row for row in rows if row.label != "reference"])
    (out / "plan.json").write_text(json.dumps(dataclasses.asdict(plan), indent=2) + "\n", encoding="utf-8")


def _taken(jobs: Sequence[Job], out: Path, processes: int) -> Iterator[Row]:
    if processes == 1:
        yield from (_take(job, out) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(_take, jobs, [out] * len(jobs), chunksize=4)


def _write_table(file: Path, rows: Sequence[Row]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, COLUMNS)
        table.writeheader()
        table.writerows(dataclasses.asdict(row) for row in rows)


# --- the command --------------------------------------------------------------------------------


def main(
    out: Annotated[Path, typer.Argument(help="New folder for the set.")],
    artwork: Annotated[Path, typer.Option(help="Folder of PNG or SVG artwork, one file a brand.")],
    brands: Annotated[int, typer.Option(min=1)] = Plan.brands,
    references: Annotated[int, typer.Option(min=1, help="References a brand.")] = Plan.references,
    listings: Annotated[int, typer.Option(min=0, help="Listings a brand, half of them forged.")] = Plan.listings,
    unrelated: Annotated[int, typer.Option(min=0)] = Plan.unrelated,
    seed: Annotated[int, typer.Option(min=0)] = Plan.seed,
    skip_brands: Annotated[int, typer.Option(min=0, help="Artwork left out first.")] = Plan.skip_brands,
    processes: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """Write an evaluation set: reference and listing photographs of real or procedural artwork."""
    plan = Plan(brands, references, listings, unrelated, skip_brands, seed=seed)
    total = brands * (references + listings) + unrelated
    try:
        rows = write(plan, load_folder(artwork), out, processes)
        done = sum(1 for _ in track(rows, "photographs", total, console=Console(stderr=True)))
    except TouchstoneError as fault:
        typer.echo(f"{fault.code}: {fault}", err=True)
        raise typer.Exit(fault.exit_code) from fault
    typer.echo(f"{done} photographs in {out}")


if __name__ == "__main__":
    typer.run(main)
