"""What it costs to ask all brands which of them a photo's local features speak for.

`OMP_NUM_THREADS=1 python -m benchmarks.votes --brands 1000 10000` fills inverted files with random codewords, each word
as common as another, and asks them what photos of so many features would. Prints a row a size.
"""

import argparse
import time
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.scale.measured import timed
from vision.finding.inverted import NEAREST, InvertedFile
from vision.geometry.codebook import Codewords, carried

PHOTOS = 30


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brands", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--entries", type=int, default=330, help="codewords a brand: 330 where there are four photos")
    parser.add_argument("--features", type=int, default=600, help="of a photo; at most 1000 are found")
    asked = parser.parse_args(arguments)
    rng, book = np.random.default_rng(0), carried()
    found = [rng.integers(0, 120, (asked.features, 128)).astype(np.uint8) for _ in range(PHOTOS)]
    _, naming, _ = timed(lambda photo: book.words(found[photo], NEAREST), PHOTOS)
    table = Table("brands", "entries", "MB", "filled in s", "features named, ms", "asked, ms")
    for brands in asked.brands:
        table.add_row(f"{brands}", *_filled(brands, asked.entries, asked.features, rng, naming))
    Console().print(table)


def _filled(brands: int, entries: int, features: int, rng: np.random.Generator, naming_ms: float) -> tuple[str, ...]:
    """What a file of so many brands holds and costs, as a row has it."""
    entered = {f"brand {i}": _drawn(rng, entries, 1) for i in range(brands)}
    start = time.perf_counter()
    file = InvertedFile.of(entered, carried())
    filled_s = time.perf_counter() - start
    held = (file.brand.nbytes + file.signature.nbytes + file.ends.nbytes) / 1e6
    photos = [_drawn(rng, features, NEAREST) for _ in range(PHOTOS)]
    _, asked_ms, _ = timed(lambda photo: file.votes(photos[photo]), PHOTOS)
    return f"{len(file.brand)}", f"{held:.0f}", f"{filled_s:.2f}", f"{naming_ms:.1f}", f"{asked_ms:.1f}"


def _drawn(rng: np.random.Generator, count: int, nearest: int) -> Codewords:
    word = rng.integers(0, len(carried().centres), (count, nearest)).astype(np.uint16)
    return Codewords(word, rng.integers(0, 2**64, (count, nearest), np.uint64))


if __name__ == "__main__":
    main()
