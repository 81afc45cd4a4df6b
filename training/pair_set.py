"""Pair set: the groups of pairs of many brands, written in chunks as they come, so that training can begin early.

`python -m training.pair_set CACHE --artwork DIR --artwork DIR --benchmarks DIR` writes `CACHE/chunk-0000.npz` and on;
chunks that are there are kept. Every second brand is fictional, the others are drawn from the artwork, richly
drawn collections first named and most often taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Self

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.pairs import CONDITIONS, Group, photograph_group
from training.synthesis import brand
from training.synthesis.artwork import benchmark_brands, files, load, share_of, training_names
from training.synthesis.forgery import NotApplicable

FIRST_SEED = 2_000_000  # of the fictional brands
ARTWORK_SHARE = 0.5  # names with a smaller `share_of` are learned from here; the rehearsal has the others
ARTWORK_PX = 320
CHUNK = 20  # brands a file
SHADED_SHARE = 0.3  # brands whose mark shines as if cast: real emblems often are

Rgba = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class PairSet:
    """`B` groups. Fields as of `Group`, with `B` in front."""

    brand: NDArray[np.int64]  # [B] number of the brand
    references: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    mark: NDArray[np.bool_]
    listings: NDArray[np.uint8]
    altered: NDArray[np.bool_]
    kind: NDArray[np.str_]
    severity: NDArray[np.int64]
    condition: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.brand)

    def where(self, keep: NDArray[np.bool_]) -> Self:
        """The groups at `keep`."""
        return type(self)(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})

    @classmethod
    def load(cls, cache: Path) -> Self:
        """All chunks in a folder. FileNotFoundError where there is none."""
        paths = _chunks(cache)
        if not paths:
            raise FileNotFoundError(f"no chunk-*.npz in {cache}; make them with `python -m training.pair_set`")
        return cls._of(paths)

    @classmethod
    def _of(cls, paths: Sequence[Path]) -> Self:
        return cls(**{field.name: np.concatenate([_read(path, field.name) for path in paths]) for field in fields(cls)})


def has_grown(cache: Path, brands: int) -> bool:
    """Whether a folder holds more than so many brands by now, by a chunk or more."""
    return len(_chunks(cache)) * CHUNK > brands + CHUNK


def _chunks(cache: Path) -> list[Path]:
    return sorted(cache.glob("chunk-[0-9][0-9][0-9][0-9].npz"))


def _read(path: Path, name: str) -> NDArray[Any]:
    """One array of a chunk: a large set fits into memory once, not twice."""
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file[name])


# --- which brands -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """Where the artwork of numbered brands comes from."""

    artwork: tuple[Path, ...]  # files, in the order they are taken
    seed: int

    @classmethod
    def of(cls, folders: Sequence[Path], benchmarks: Path, seed: int = 0, share: float = ARTWORK_SHARE) -> Self:
        """A share of the permitted artwork of the folders; three of the first for one of each later one."""
        excluded = benchmark_brands(benchmarks)
        rng = np.random.default_rng(seed)
        queues = [_permitted(folder, excluded, share, rng) for folder in folders]
        takes = [3, *([1] * (len(queues) - 1))]
        chosen = []
        while any(queues):
            for queue, take in zip(queues, takes, strict=False):
                chosen += queue[:take]
                del queue[:take]
        return cls(tuple(chosen), seed)

    def draw(self, number: int, rng: Rng) -> Rgba:
        """Artwork of a brand: fictional for even numbers. OSError or ValueError where a file shows nothing."""
        if number % 2 == 0 or not self.artwork:
            pixels = brand.draw(FIRST_SEED + number, ARTWORK_PX).artwork
        else:
            pixels = load(self.artwork[number // 2 % len(self.artwork)], ARTWORK_PX).pixels
        return shaded(pixels, rng) if rng.random() < SHADED_SHARE else pixels


def _permitted(folder: Path, excluded: frozenset[str], share: float, rng: Rng) -> list[Path]:
    names = {name for name in training_names(folder, excluded) if share_of(name) < share}
    found = files(folder, names)
    return [found[index] for index in rng.permutation(len(found))]


def shaded(artwork: Rgba, rng: Rng) -> Rgba:
    """The artwork with smooth light and dark bands across its inks, as an emblem drawn to look cast has."""
    angle, bands, phase = rng.uniform(0, np.pi), rng.uniform(0.5, 2.5), rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: len(artwork), : len(artwork)] / len(artwork)
    wave = np.sin(2 * np.pi * bands * (np.cos(angle) * x + np.sin(angle) * y) + phase)[..., None]
    depth = rng.uniform(0.15, 0.4)
    ink = artwork[..., :3].astype(np.float64)
    lit = np.where(wave > 0, ink + (255 - ink) * depth * wave, ink * (1 + depth * wave))
    return np.concatenate([np.round(lit).astype(np.uint8), artwork[..., 3:]], axis=2)


# --- writing ------------------------------------------------------------------------------------


def write(
    sources: Sources, cache: Path, brands: int, conditions: Sequence[str] = CONDITIONS, first: int = 0
) -> Iterator[Path]:
    """Write the chunks that `cache` lacks of so many brands from number `first` on, yielding each file.

    Each of a listing's conditions is as likely.
    """
    cache.mkdir(parents=True, exist_ok=True)
    for chunk in range(first // CHUNK, (first + brands) // CHUNK):
        path = cache / f"chunk-{chunk:04d}.npz"
        if not path.exists():
            groups = dict(_groups(sources, range(chunk * CHUNK, (chunk + 1) * CHUNK), conditions))
            _save(groups, path)
        yield path


def _groups(sources: Sources, numbers: range, conditions: Sequence[str]) -> Iterator[tuple[int, Group]]:
    for number in numbers:
        rng = np.random.default_rng([sources.seed, number])
        try:
            yield number, photograph_group(sources.draw(number, rng), rng, conditions=conditions)
        except (NotApplicable, OSError, ValueError):
            continue  # an artwork that shows nothing makes no brand


def _save(groups: dict[int, Group], path: Path) -> None:
    arrays: dict[str, Any] = {
        f.name: np.stack([getattr(group, f.name) for group in groups.values()]) for f in fields(Group)
    }
    fresh = path.with_suffix(".new.npz")
    np.savez(fresh, brand=np.array(list(groups), np.int64), **arrays)
    fresh.rename(path)


def main(
    cache: Annotated[Path, typer.Argument(help="Folder for the chunks.")],
    artwork: Annotated[list[Path], typer.Option(help="Folders of artwork, the richest first.")],
    benchmarks: Annotated[Path, typer.Option(help="Folder of benchmark data, whose brands are left out.")],
    brands: Annotated[int, typer.Option()] = 1600,
    first: Annotated[int, typer.Option(help="Number of the first brand.")] = 0,
    condition: Annotated[list[str] | None, typer.Option(help="Of listings, each as likely; repeat.")] = None,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Photograph the pairs of many brands."""
    cv2.setNumThreads(1)
    chunks = write(Sources.of(artwork, benchmarks, seed), cache, brands, condition or CONDITIONS, first)
    for _ in track(chunks, "chunks", brands // CHUNK, console=Console(stderr=True)):
        pass


if __name__ == "__main__":
    typer.run(main)
