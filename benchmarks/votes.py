"""What it costs to ask all brands which of them a photo's local features speak for.

`OMP_NUM_THREADS=1 python -m benchmarks.votes --brands 1000 10000` fills inverted files with random codewords, each word
as common as another, and asks them what photos of so many features would. Prints a row a size.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

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
    naming = _ms([partial(book.words, one, NEAREST) for one in found])
    table = Table("brands", "entries", "MB", "filled in s", "features named, ms", "asked, ms")
    for brands in asked.brands:
        entered = {f"brand {i}": _drawn(rng, asked.entries, 1) for i in range(brands)}
        start = time.perf_counter()
        file = InvertedFile.of(entered, book)
        filled = time.perf_counter() - start
        held = (file.brand.nbytes + file.signature.nbytes + file.ends.nbytes) / 1e6
        words = _drawn(rng, asked.features, NEAREST)
        voted = _ms([partial(file.votes, words)] * PHOTOS)
        row = f"{brands}", f"{len(file.brand)}", f"{held:.0f}", f"{filled:.2f}", f"{naming:.1f}", f"{voted:.1f}"
        table.add_row(*row)
    Console().print(table)


def _drawn(rng: np.random.Generator, count: int, nearest: int) -> Codewords:
    word = rng.integers(0, len(carried().centres), (count, nearest)).astype(np.uint16)
    return Codewords(word, rng.integers(0, 2**64, (count, nearest), np.uint64))


def _ms(calls: Sequence[Callable[[], object]]) -> float:
    """The median of what calls take, ms."""
    taken = []
    for call in calls:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken)) * 1e3


if __name__ == "__main__":
    main()
