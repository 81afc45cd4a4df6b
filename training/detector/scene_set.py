"""Scene set: scenes composed ahead and the boxes of their marks, written in chunks, so that training can begin early.

`python -m training.detector.scene_set CACHE --artwork DIR --artwork DIR --benchmarks DIR` writes
`CACHE/chunk-0000.npz` and on; chunks that are there are kept. Half of the marks are fictional brands', the others are
drawn from the artwork, without the names that any benchmark uses.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.pair_set import Sources, shaded
from training.synthesis import brand
from training.synthesis.artwork import load
from training.synthesis.scene import Cast, Imprint, Scene, compose
from vision.errors import ConfigurationError

FIRST_SEED = 3_000_000  # of the fictional brands
ARTWORK_PX = 256
LONG_SIDE_PX = 512
CHUNK = 64  # scenes a file
POOL = 24  # marks drawn a file
MARKLESS_SHARE = 0.06
_SHADED_SHARE = 0.3
_CONDITIONS = ("mild", "mild", "mild", "hard")
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 95]

Rgba = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class SceneSet:
    """Scenes as files hold them, and their marks."""

    jpegs: tuple[NDArray[np.uint8], ...]  # a file's bytes each
    boxes: tuple[NDArray[np.float32], ...]  # [G, 5] x0 y0 x1 y1 px and the share of the mark that is seen
    chunk: NDArray[np.int64]  # [S] which chunk each came in

    def __len__(self) -> int:
        return len(self.jpegs)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """A scene [H, W, 3] RGB."""
        decoded = np.asarray(cv2.imdecode(self.jpegs[index], cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(decoded[..., ::-1])

    def where(self, keep: NDArray[np.bool_]) -> Self:
        """The scenes at `keep`."""
        kept = np.flatnonzero(keep)
        return type(self)(tuple(self.jpegs[i] for i in kept), tuple(self.boxes[i] for i in kept), self.chunk[kept])

    @classmethod
    def load(cls, cache: Path) -> Self:
        """All chunks in a folder. Errors: `ConfigurationError` where there is none."""
        paths = sorted(cache.glob("chunk-[0-9][0-9][0-9][0-9].npz"))
        if not paths:
            raise ConfigurationError(
                f"no chunk-*.npz in {cache}; make them with `python -m training.detector.scene_set`"
            )
        jpegs: list[NDArray[np.uint8]] = []
        boxes: list[NDArray[np.float32]] = []
        chunks: list[int] = []
        for path in paths:
            with np.load(path, allow_pickle=False) as file:
                jpegs += np.split(file["jpeg"], file["jpeg_ends"][:-1])
                boxes += np.split(file["boxes"], file["box_ends"][:-1])
            chunks += [int(path.stem[-4:])] * (len(jpegs) - len(chunks))
        return cls(tuple(jpegs), tuple(boxes), np.array(chunks, np.int64))


# --- writing ------------------------------------------------------------------------------------


def write(sources: Sources, cache: Path, scenes: int, minutes: float | None = None) -> Iterator[Path]:
    """Write the chunks that `cache` lacks, yielding each file; stops after so many minutes of CPU time."""
    cache.mkdir(parents=True, exist_ok=True)
    for chunk in range(scenes // CHUNK):
        path = cache / f"chunk-{chunk:04d}.npz"
        if not path.exists():
            if minutes is not None and time.process_time() > 60 * minutes:
                return
            _save([_scene(pool_rng, pool) for pool_rng, pool in _casts(sources, chunk)], path)
        yield path


def _casts(sources: Sources, chunk: int) -> Iterator[tuple[Rng, list[Imprint]]]:
    """For each scene of a chunk its own chance and the chunk's marks."""
    rng = np.random.default_rng([sources.seed, chunk])
    pool = [imprint for number in range(POOL) if (imprint := _imprint(sources, chunk * POOL + number, rng)) is not None]
    return ((own, pool) for own in rng.spawn(CHUNK))


def _imprint(sources: Sources, number: int, rng: Rng) -> Imprint | None:
    """The mark of a numbered brand; None where a file shows nothing."""
    try:
        pixels = _artwork(sources, number)
    except (OSError, ValueError):
        return None
    if rng.random() < _SHADED_SHARE:
        pixels = shaded(pixels, rng)
    return Imprint(str(number), pixels, pixels)


def _artwork(sources: Sources, number: int) -> Rgba:
    if number % 2 == 0 or not sources.artwork:
        return brand.draw(FIRST_SEED + number, ARTWORK_PX).artwork
    return load(sources.artwork[number // 2 % len(sources.artwork)], ARTWORK_PX).pixels


def _scene(rng: Rng, pool: Sequence[Imprint]) -> Scene:
    chosen = [pool[int(index)] for index in rng.integers(len(pool), size=4)]
    cast = Cast(None) if rng.random() < MARKLESS_SHARE else Cast(chosen[0], tuple(chosen[1:]), stranger_share=0.5)
    condition = _CONDITIONS[int(rng.integers(len(_CONDITIONS)))]
    return compose(cast, rng, LONG_SIDE_PX, condition=condition)


def _save(scenes: Sequence[Scene], path: Path) -> None:
    jpegs = [np.asarray(cv2.imencode(".jpg", scene.photo[..., ::-1], _JPEG)[1], np.uint8).ravel() for scene in scenes]
    boxes = [_boxes(scene) for scene in scenes]
    fresh = path.with_suffix(".new.npz")
    np.savez(
        fresh,
        jpeg=np.concatenate(jpegs),
        jpeg_ends=np.cumsum([len(jpeg) for jpeg in jpegs]),
        boxes=np.concatenate(boxes),
        box_ends=np.cumsum([len(box) for box in boxes]),
    )
    fresh.rename(path)


def _boxes(scene: Scene) -> NDArray[np.float32]:
    rows = [(*box, mark.visible) for mark in scene.marks if (box := mark.box) is not None]
    return np.array(rows, np.float32).reshape(-1, 5)


def main(
    cache: Annotated[Path, typer.Argument(help="Folder for the chunks.")],
    artwork: Annotated[list[Path], typer.Option(help="Folders of artwork, the richest first.")],
    benchmarks: Annotated[Path, typer.Option(help="Folder of benchmark data, whose brands are left out.")],
    scenes: Annotated[int, typer.Option(help="Scenes in all.")] = 8192,
    minutes: Annotated[float | None, typer.Option(help="CPU time after which no new chunk is begun.")] = None,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Compose the scenes that a detector learns from."""
    cv2.setNumThreads(1)
    chunks = write(Sources.of(artwork, benchmarks, seed), cache, scenes, minutes)
    for _ in track(chunks, "chunks", scenes // CHUNK, console=Console(stderr=True)):
        pass


if __name__ == "__main__":
    typer.run(main)
