"""Codebook: find the centres that local features are named by, on photographs of marks that no benchmark shows.

`python -m training.codebook FILE --artwork DIR --benchmarks DIR`, with FILE `vision/geometry/codebook.npz` for the one
that the project carries. Galleries made with another are rebuilt when they are next opened.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.pair_set import Sources
from training.pairs import Rgba, Rng, photographed
from training.synthesis.product import PRODUCTS
from vision.errors import ConfigurationError
from vision.geometry.codebook import SIGNED_BITS, Codebook
from vision.geometry.features import DESCRIPTOR_SIZE, extract, project, root

CENTRES = 4096  # a thousand name brands as well and cost a third less, but their lists are four times as long
VIEWS = ("studio", "mild", "hard")  # of each mark, one each
MARGIN = 0.05  # around the mark, share of its longer side
ROUNDS = 10
LEAST_A_CENTRE = 8  # descriptors, for centres that mean something

Descriptors = NDArray[np.uint8]  # [F, 128]


def seen(artwork: Rgba, rng: Rng) -> Iterator[Descriptors]:
    """The descriptors on a mark, of one photograph after the other."""
    x, y, width, height = cv2.boundingRect((artwork[..., 3] > 8).astype(np.uint8))
    low, high = np.array([x, y]), np.array([x + width, y + height])
    margin = MARGIN * max(width, height)
    for condition in VIEWS:
        view = photographed(artwork, artwork, str(rng.choice(PRODUCTS)), condition, rng)
        features = extract(view.pixels)
        to_artwork = np.asarray(np.linalg.inv(view.from_artwork), np.float64)
        points = project(to_artwork, features.points)
        on = ((points > low - margin) & (points < high + margin)).all(axis=1)
        yield features.descriptors[on]


def fit(photographs: Sequence[Descriptors], centres: int = CENTRES, seed: int = 0) -> Codebook:
    """The codebook of what some photographs show. Errors: `ConfigurationError` where that is too little."""
    from sklearn.cluster import KMeans  # type: ignore[import-untyped,unused-ignore]

    rooted = root(np.concatenate(photographs))
    if len(rooted) < LEAST_A_CENTRE * centres:
        raise ConfigurationError(
            f"{len(rooted)} local features for {centres} centres: {LEAST_A_CENTRE * centres} are needed, "
            "photograph more brands"
        )
    found = KMeans(centres, init="random", n_init=1, max_iter=ROUNDS, random_state=seed).fit(rooted)
    turned, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(DESCRIPTOR_SIZE, DESCRIPTOR_SIZE)))
    middles, directions = found.cluster_centers_.astype(np.float32), turned[:SIGNED_BITS].astype(np.float32)
    return Codebook(middles, directions, rarity(found.labels_, [len(each) for each in photographs], centres))


def rarity(word: NDArray[np.int32], sizes: Sequence[int], centres: int) -> NDArray[np.float32]:
    """Log of how many photographs there are to one that shows each word `[W]`, given the words of all in turn."""
    photograph = np.repeat(np.arange(len(sizes)), sizes)
    shown = np.unique(np.stack([photograph, word]), axis=1)[1]
    return np.log((len(sizes) + 1) / (np.bincount(shown, minlength=centres) + 1)).astype(np.float32)


def _photographs(sources: Sources, brands: int) -> Iterator[Descriptors]:
    for number in track(range(brands), "brands", console=Console(stderr=True)):
        rng = np.random.default_rng([sources.seed, number])
        try:
            yield from seen(sources.draw(number, rng), rng)
        except (OSError, ValueError):
            continue  # an artwork that shows nothing makes no brand


def main(
    file: Annotated[Path, typer.Argument(help="Where the codebook is written.")],
    artwork: Annotated[list[Path], typer.Option(help="Folders of artwork, the richest first.")],
    benchmarks: Annotated[Path, typer.Option(help="Folder of benchmark data, whose brands are left out.")],
    brands: Annotated[int, typer.Option()] = 1600,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Photograph marks and find the centres of their local features."""
    cv2.setNumThreads(1)
    photographs = list(_photographs(Sources.of(artwork, benchmarks, seed), brands))
    fit(photographs, seed=seed).save(file)
    typer.echo(f"{sum(map(len, photographs))} local features of {len(photographs)} photographs, in {file}")


if __name__ == "__main__":
    typer.run(main)
