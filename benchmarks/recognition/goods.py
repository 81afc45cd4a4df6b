"""Goods: half of the emblems' brands as a manifest to fine-tune on, the other half as a set to judge by.

`python -m benchmarks.recognition.goods OUT --data DIR` photographs the emblems of DIR and writes OUT/goods.csv, crops
of marks with the columns that `data.photos.manifest` reads, and OUT/held-out, a `--set` of `benchmarks.recognition`
whose brands the manifest does not hold. What learned from the one is reported by the other alone: to such an embedder
the emblems of every other benchmark are no longer new.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from benchmarks.forgery.run import Bars, measured_by
from benchmarks.recognition import emblem_set
from benchmarks.recognition.emblem_set import EmblemPlan
from training.synthesis.artwork import Artwork, load_folder
from vision.errors import ConfigurationError
from vision.photo import PhotoLimits

MANIFEST = "goods.csv"
LEAST_PX = PhotoLimits().min_side_px  # narrower crops cannot be read as photographs
FEWEST = 12  # brands: some to learn from, to stop by, to be asked of and to be strangers
STOPPED_BY = 0.2  # share of the learned brands that choose a run's best weights
STRANGERS = 0.2  # share of the held-out brands that are not enrolled


def halves(artworks: Sequence[Artwork], seed: int) -> tuple[list[Artwork], list[Artwork]]:
    """Learned and held-out artwork, by brand. Errors: `ConfigurationError` where there is too little."""
    if len(artworks) < FEWEST:
        raise ConfigurationError(f"{len(artworks)} emblems are too few to halve; bring {FEWEST} or more")
    order = np.random.default_rng(seed).permutation(len(artworks))
    learned, held_out = np.array_split(order, 2)
    return [artworks[i] for i in sorted(learned)], [artworks[i] for i in sorted(held_out)]


def write_manifest(artworks: Sequence[Artwork], photographs: int, seed: int, out: Path) -> Iterator[str]:
    """Crops of marks, and the table of them; yields each photograph's path."""
    plan = EmblemPlan(len(artworks), 0, references=4, genuine=photographs, seed=seed)
    yield from emblem_set.write(plan, artworks, out / "photographs")
    stopping = {one.name for one in artworks[:: round(1 / STOPPED_BY)]}
    rows = []
    for number, crop in enumerate(emblem_set.load(out / "photographs")):
        pixels = crop.pixels()
        if min(pixels.shape[:2]) < LEAST_PX:
            continue
        file = out / "crops" / f"{number:05d}.png"
        file.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(file), pixels[..., ::-1])
        label = "counterfeit" if crop.role == "forged" else "genuine"
        split = "validation" if crop.brand in stopping else "train"
        rows.append((file.relative_to(out).as_posix(), crop.brand, label, split))
    with (out / MANIFEST).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows((("path", "brand", "label", "split"), *rows))


def write_held_out(artworks: Sequence[Artwork], seed: int, out: Path) -> Iterator[str]:
    """The set that judges; yields each photograph's path."""
    strangers = round(STRANGERS * len(artworks))
    yield from emblem_set.write(EmblemPlan(len(artworks) - strangers, strangers, seed=seed), artworks, out / "held-out")


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    return measured_by(lambda console: _run(asked, console))


def _run(asked: argparse.Namespace, console: Console) -> None:
    bars = Bars(console)
    learned, held_out = halves(load_folder(asked.data / "emblems"), asked.seed)
    with bars.progress:
        bars.drain("to learn from", write_manifest(learned, asked.photographs, asked.seed, asked.out))
        bars.drain("held out", write_held_out(held_out, asked.seed + 1, asked.out))
    console.print(f"{asked.out / MANIFEST}, {asked.out / 'held-out'}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recognition.goods",
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("out", type=Path, help="an empty folder")
    add("--data", type=Path, required=True, help="folder of emblems")
    add("--photographs", type=int, default=4, help="genuine ones a brand and condition, and as many forged ones")
    add("--seed", type=int, default=20)
    return parser


if __name__ == "__main__":
    sys.exit(main())
