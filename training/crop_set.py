"""Crop set: marks of many brands by the full camera, cut out as an embedder is shown them, with their manifest.

`python -m training.crop_set OUT --artwork DIR --artwork DIR --benchmarks DIR` writes `OUT/crops.csv`, which
`data.photos.manifest` reads, and `OUT/chunk-0000/00.jpg` and on; chunks that are there are kept. The batch camera of
drawn marks is quick and shows hard light poorly; these are few and true. Brands are those of `pair_set`: every second
one fictional, the others of all permitted artwork.
"""

import csv
import multiprocessing
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.pair_set import CHUNK, Sources
from training.synthesis.artwork import Artwork
from training.synthesis.drawing import Drawn, cut, draw
from training.synthesis.listings import encoded
from training.synthesis.plan import PRINTED, Job, Plan, plan_jobs
from training.synthesis.product import FINISHES
from vision.errors import ConfigurationError
from vision.photo import PhotoLimits

MANIFEST = "crops.csv"
COLUMNS = ("path", "brand", "label", "product")
CANVAS_PX = 400  # side of a product's canvas
PHOTO_PX = (352, 560)  # longer side of a photograph
MARGIN = 0.2  # of the box's sides, added on each side: views of it are cut from it at random
MOST_PX = 176  # longer side of a crop, more than any view of it is
REFERENCES = 2  # photographs a brand by studio light
LISTINGS = 6  # a brand, half of them forged, half of them in hard light
FEWEST_GENUINE = 2  # photographs a brand, that one may be told by another
LEAST_PX = PhotoLimits().min_side_px  # a narrower crop cannot be read as a photograph


def write(sources: Sources, out: Path, brands: int, processes: int = 1) -> Iterator[Path]:
    """Write the chunks that `out` lacks, yielding each, and the manifest of all of them."""
    chunks = range(brands // CHUNK)
    yield from _taken(sources, out, [chunk for chunk in chunks if not _folder(out, chunk).exists()], processes)
    with (out / MANIFEST).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows((COLUMNS, *_told(out, chunks)))


def _told(out: Path, chunks: Iterable[int]) -> Iterator[tuple[str, ...]]:
    """Rows of the chunks' tables, without brands of which too few genuine crops were wide enough to be one."""
    for folder in (_folder(out, chunk) for chunk in chunks):
        with (folder / MANIFEST).open(newline="", encoding="utf-8") as stream:
            rows = [(f"{folder.name}/{path}", *rest) for path, *rest in csv.reader(stream)]
        genuine = Counter(brand for _, brand, label, _ in rows if label == "genuine")
        yield from (row for row in rows if genuine[row[1]] >= FEWEST_GENUINE)


def _folder(out: Path, chunk: int) -> Path:
    return out / f"chunk-{chunk:04d}"


def _taken(sources: Sources, out: Path, chunks: Sequence[int], processes: int) -> Iterator[Path]:
    jobs = ([sources] * len(chunks), [out] * len(chunks), chunks)
    if processes == 1:
        yield from map(_take, *jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(_take, *jobs)


def _take(sources: Sources, out: Path, chunk: int) -> Path:
    """Photograph the brands of a chunk: whole or not at all."""
    folder = _folder(out, chunk)
    fresh = folder.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with (fresh / MANIFEST).open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        for number, (job, drawn) in enumerate(_photographs(sources, chunk)):
            pixels = crop(drawn)
            if min(pixels.shape[:2]) < LEAST_PX:
                continue
            file = f"{number:03d}.jpg"
            (fresh / file).write_bytes(encoded(pixels))
            table.writerow((file, job.brand, "counterfeit" if drawn.alteration else "genuine", job.product))
    fresh.rename(folder)
    return folder


def _photographs(sources: Sources, chunk: int) -> Iterator[tuple[Job, Drawn]]:
    """Every second chunk's brands come in other finishes too."""
    artworks = list(_artworks(sources, range(chunk * CHUNK, (chunk + 1) * CHUNK)))
    plan = Plan(
        brands=len(artworks),
        references=REFERENCES,
        listings=LISTINGS,
        unrelated=0,
        finishes=tuple(FINISHES) if chunk % 2 else (PRINTED,),
        listing_conditions=("mild", "hard"),
        long_side_px=PHOTO_PX,
        seed=sources.seed + chunk,
    )
    for job in plan_jobs(plan, artworks):
        try:
            yield job, draw(job, CANVAS_PX)
        except ConfigurationError:
            continue  # an artwork that allows no alteration has genuine photographs alone


def _artworks(sources: Sources, numbers: range) -> Iterator[Artwork]:
    for number in numbers:
        try:
            pixels = sources.draw(number, np.random.default_rng([sources.seed, number]))
        except (OSError, ValueError):
            continue
        if pixels[..., 3].any():  # what shows nothing makes no brand
            yield Artwork(f"brand-{number:05d}", pixels)


def crop(drawn: Drawn) -> NDArray[np.uint8]:
    """The mark `[h, w, 3]` with its margin, as far as the photograph goes, shrunk where it is large."""
    pixels = cut(drawn.photo, drawn.box, MARGIN)
    scale = min(1.0, MOST_PX / max(pixels.shape[:2]))
    width, height = (max(1, round(scale * side)) for side in pixels.shape[1::-1])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the crops.")],
    artwork: Annotated[list[Path], typer.Option(help="Folders of artwork, the richest first.")],
    benchmarks: Annotated[Path, typer.Option(help="Folder of benchmark data, whose brands are left out.")],
    brands: Annotated[int, typer.Option()] = 4000,
    seed: Annotated[int, typer.Option()] = 0,
    processes: Annotated[int, typer.Option()] = 1,
) -> None:
    """Photograph the marks of many brands."""
    cv2.setNumThreads(1)
    chunks = write(Sources.of(artwork, benchmarks, seed, share=1.0), out, brands, processes)
    for _ in track(chunks, "chunks", brands // CHUNK, console=Console(stderr=True)):
        pass


if __name__ == "__main__":
    typer.run(main)
