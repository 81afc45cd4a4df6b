"""The atlas: every mark to learn from, drawn once, with forgeries of it beside it.

Drawing costs milliseconds and photographing a drawn mark a fraction of one, so marks are drawn once to a
file that all processes map into memory.
"""

import hashlib
import json
import multiprocessing
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.config import DataConfig, expand
from training.synthesis import artwork, brand, forgery
from vision.errors import ConfigurationError

VERSION = "1"  # raise when marks or forgeries are drawn differently
_FORGERY_TRIES = 6
_SUFFIX = re.compile(r"[-_ ](icon|wordmark|logo|mark)$")
_LAYERS = "marks.npy"
_TABLE = "table.json"


@dataclass(frozen=True)
class Source:
    """Where one mark comes from: a file, or the seed of a fictional brand."""

    brand: str  # marks of the same brand are never each other's negatives
    file: Path | None
    seed: int


@dataclass(frozen=True, eq=False)
class Atlas:
    """`M` drawn marks: layer 0 is genuine, the others are forgeries where `forged` says so."""

    path: Path  # its folder, which also keeps what is worked out from it
    layers: NDArray[np.uint8]  # [M, 1 + F, A, A, 4] RGBA, mapped from disk
    forged: NDArray[np.bool_]  # [M, F]
    brands: tuple[str, ...]  # [M] brand of each mark
    words: tuple[str, ...]  # [M] "red round": what a caption may say

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map a drawn atlas."""
        table = json.loads((path / _TABLE).read_text("utf-8"))
        forged = np.array(table["forged"], bool).reshape(len(table["brands"]), -1)
        layers = np.load(path / _LAYERS, mmap_mode="r")
        return cls(path, layers, forged, tuple(table["brands"]), tuple(table["words"]))


def open_or_draw(config: DataConfig) -> Atlas:
    """The atlas of a configuration, from its cache or drawn now."""
    sources = list(_sources(config))
    path = expand(config.cache) / _digest(config, sources)
    if not (path / _TABLE).is_file():
        _draw(path, sources, config)
    return Atlas.open(path)


def _sources(config: DataConfig) -> Iterator[Source]:
    held_out = artwork.PUBLIC_BENCHMARK_BRANDS | set(config.held_out)
    for folder in map(expand, config.artwork):
        if not folder.is_dir():
            raise ConfigurationError(f"data.artwork: {folder} is no folder; point it at a folder of SVG or PNG marks")
        names = set(artwork.training_names(folder, held_out))
        for file in artwork.files(folder, names)[: config.artwork_limit]:
            yield Source(_family(file.stem), file, _seed(file.stem))
    first = config.procedural_first_seed
    for seed in range(first, first + config.procedural_brands):
        yield Source(f"fictional {seed}", None, seed)


def _family(name: str) -> str:
    """What the versions of one brand's mark have in common in their names."""
    return re.sub(r"[^a-z0-9]", "", _SUFFIX.sub("", name.lower()))


def _seed(name: str) -> int:
    return zlib.crc32(name.encode())


def _digest(config: DataConfig, sources: list[Source]) -> str:
    drawn = config.model_dump(include={"forgeries_per_mark", "atlas_px"})
    text = json.dumps([VERSION, drawn, [(s.brand, s.seed, s.file.name if s.file else None) for s in sources]])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --- drawing ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Drawn:
    layers: NDArray[np.uint8]  # [1 + F, A, A, 4]
    forged: NDArray[np.bool_]  # [F]
    words: str


@dataclass(frozen=True)
class _Pen:
    """Draws one source; crosses to the drawing processes."""

    size_px: int
    forgeries: int

    def __call__(self, source: Source) -> _Drawn | None:
        try:
            genuine = self._genuine(source)
            mark = forgery.take_apart(genuine)
        except (OSError, ValueError):
            return None  # an SVG that the renderer refuses, or a mark too faint to see
        layers = np.repeat(genuine[None], 1 + self.forgeries, axis=0)
        forged = np.zeros(self.forgeries, bool)
        for slot, forgery_art in enumerate(_forgeries(mark, self.forgeries, source.seed)):
            layers[1 + slot], forged[slot] = forgery_art, True
        return _Drawn(layers, forged, describe(genuine))

    def _genuine(self, source: Source) -> NDArray[np.uint8]:
        if source.file is not None:
            return artwork.load(source.file, self.size_px).pixels
        return artwork.fit(brand.draw(source.seed, self.size_px).artwork, self.size_px)


def _forgeries(mark: forgery.Mark, count: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Up to `count` forgeries of different kinds."""
    rng, made = np.random.default_rng([seed, 1]), 0
    for kind in rng.permutation(forgery.KINDS)[:_FORGERY_TRIES]:
        if made == count:
            return
        try:
            yield forgery.forge_mark(mark, str(kind), int(rng.integers(1, 4)), rng).artwork
        except forgery.NotApplicable:
            continue
        made += 1


def _draw(path: Path, sources: list[Source], config: DataConfig) -> None:
    """Draw all sources into `path`; the table is written last and makes the atlas valid."""
    path.mkdir(parents=True, exist_ok=True)
    side, layers = config.atlas_px, 1 + config.forgeries_per_mark
    marks = np.lib.format.open_memmap(path / _LAYERS, "w+", np.uint8, (len(sources), layers, side, side, 4))
    brands: list[str] = []
    words: list[str] = []
    forged: list[list[bool]] = []
    for source, drawn in zip(sources, _drawings(sources, config), strict=True):
        if drawn is None:
            continue
        marks[len(brands)] = drawn.layers
        brands.append(source.brand)
        words.append(drawn.words)
        forged.append(drawn.forged.tolist())
    marks.flush()
    (path / _TABLE).write_text(json.dumps({"brands": brands, "words": words, "forged": forged}), "utf-8")


def _drawings(sources: list[Source], config: DataConfig) -> Iterator[_Drawn | None]:
    pen = _Pen(config.atlas_px, config.forgeries_per_mark)
    if not config.workers:
        yield from map(pen, sources)
        return
    with multiprocessing.get_context("spawn").Pool(config.workers) as pool:
        yield from pool.imap(pen, sources, chunksize=16)


# --- words --------------------------------------------------------------------------------------

COLOURS = {
    "black": (20, 20, 20),
    "white": (240, 240, 240),
    "grey": (128, 128, 128),
    "red": (210, 35, 40),
    "orange": (240, 130, 30),
    "yellow": (245, 205, 40),
    "green": (40, 150, 70),
    "blue": (35, 80, 200),
    "purple": (120, 50, 160),
    "pink": (235, 100, 160),
    "brown": (120, 75, 40),
    "turquoise": (40, 180, 190),
}
SHAPES = ("wide", "tall", "round", "square", "open")


def describe(mark: NDArray[np.uint8]) -> str:
    """The mark's main colour and outline in two words of `COLOURS` and `SHAPES`."""
    return f"{_colour_word(mark)} {_shape_word(mark[..., 3] > 128)}"


def _colour_word(mark: NDArray[np.uint8]) -> str:
    seen = mark[mark[..., 3] > 128][:, :3].astype(np.float32)
    if not len(seen):
        return "grey"
    palette = np.array(list(COLOURS.values()), np.float32)
    nearest = np.square(seen[:, None] - palette[None]).sum(2).argmin(1)
    return list(COLOURS)[int(np.bincount(nearest, minlength=len(palette)).argmax())]


def _shape_word(cover: NDArray[np.bool_]) -> str:
    if not cover.any():
        return "open"
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    if max(width, height) > 1.6 * min(width, height):
        return "wide" if width > height else "tall"
    share = cover.sum() / (width * height)
    return "square" if share > 0.88 else "round" if share > 0.66 else "open"
