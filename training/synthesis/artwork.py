"""Artwork: one mark on a transparent square, read from a folder of PNG, JPEG or SVG files.

Opaque artwork on plain white paper is cut out, so that all artwork can be mounted on a product and
photographed alike. One-colour SVG marks without a colour of their own get one from their name.
"""

import colorsys
import csv
import hashlib
import io
import logging
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LOG = logging.getLogger(__name__)

SUFFIXES = frozenset({".png", ".svg", ".jpg", ".jpeg", ".webp"})

_MARGIN = 0.03  # of the square's side, left free around the mark
_NEAR_WHITE = 238  # least channel of white paper, with JPEG's ringing
_PAPER_SHARE = 0.55  # of the border that must be white, with three corners: a mark may touch the border

# Brands of the public logo benchmarks (FlickrLogos-27) and the large car makers: whether or not their
# images are at hand, nothing is trained on them, so that a figure on those benchmarks stays honest.
_BENCHMARKED = """adidas apple bmw citroen cocacola dhl fedex ferrari ford google heineken hp mcdonalds mini nbc nike
    pepsi porsche puma redbull sprite starbucks texaco unicef vodafone yahoo acura alfaromeo astonmartin audi
    bentley buick cadillac chevrolet chrysler dacia daewoo dodge fiat geely gmc holden honda hyundai infiniti
    isuzu iveco jaguar jeep kia lamborghini lancia landrover lexus lincoln lotus maserati mazda mclaren
    mercedes mitsubishi nissan opel pagani peugeot polestar ram renault rollsroyce saab scania seat skoda
    subaru suzuki tata tesla toyota vauxhall volkswagen volvo"""
PUBLIC_BENCHMARK_BRANDS = frozenset(_BENCHMARKED.split())


@dataclass(frozen=True, eq=False)
class Artwork:
    """A mark as its owner draws it."""

    name: str
    pixels: NDArray[np.uint8]  # [S, S, 4] RGBA, straight alpha; transparent outside the mark


@dataclass(frozen=True, eq=False)
class Folder:
    """What a folder held: the artwork that could be read, and a line for each file that could not."""

    artworks: tuple[Artwork, ...]
    skipped: tuple[str, ...]


# --- reading ------------------------------------------------------------------------------------


def load_folder(
    path: Path, size_px: int = 384, limit: int | None = None, names: Collection[str] | None = None
) -> list[Artwork]:
    """The readable artwork under `path` in the order of its names; what is skipped goes to the log."""
    folder = read_folder(path, size_px, limit, names)
    for line in folder.skipped:
        _LOG.warning("artwork skipped: %s", line)
    return list(folder.artworks)


def read_folder(
    path: Path, size_px: int = 384, limit: int | None = None, names: Collection[str] | None = None
) -> Folder:
    """As `load_folder`, with the skipped files named. `names` restricts, `limit` stops after so many."""
    artworks: list[Artwork] = []
    skipped: list[str] = []
    for file in files(path, names):
        if limit is not None and len(artworks) >= limit:
            break
        try:
            artworks.append(load(file, size_px))
        except (OSError, ValueError) as fault:
            skipped.append(f"{file.name}: {fault}")
    return Folder(tuple(artworks), tuple(skipped))


def files(path: Path, names: Collection[str] | None = None) -> list[Path]:
    """The artwork files under `path`, sub-folders included, by name."""
    found = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    return sorted((file for file in found if names is None or file.stem in names), key=lambda file: (file.stem, file))


def load(file: Path, size_px: int = 384) -> Artwork:
    """One artwork file, cut out and fitted. ValueError where nothing is to be seen, OSError where unreadable."""
    rgba = _render_svg(file, size_px) if file.suffix.lower() == ".svg" else _read_raster(file.read_bytes())
    return Artwork(name=file.stem, pixels=fit(cut_out(rgba), size_px))


def _read_raster(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.uint8)


def _render_svg(file: Path, size_px: int) -> NDArray[np.uint8]:
    import resvg_py  # in the extra `train` only

    markup = file.read_text(encoding="utf-8")
    rgba = _read_raster(resvg_py.svg_to_bytes(svg_string=markup, width=size_px, skip_system_fonts=True))
    if _is_colourless(markup):
        rgba = rgba.copy()
        rgba[..., :3] = colour_of(file.stem)
    return rgba


def _is_colourless(markup: str) -> bool:
    return not any(word in markup for word in ("fill", "stroke", "style", "stop-color"))


def colour_of(name: str) -> tuple[int, int, int]:
    """A colour that depends on the name alone: mostly strong, one in five nearly black."""
    digest = hashlib.sha256(name.encode()).digest()
    hue, saturation, value = digest[0] / 256, 0.55 + digest[1] / 570, 0.4 + digest[2] / 460
    if digest[3] < 52:
        saturation, value = 0.2, 0.08
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


# --- fitting ------------------------------------------------------------------------------------


def fit(rgba: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    """The mark trimmed of its transparent border and centred in a square, aspect kept. [H,W,4] -> [S,S,4]."""
    mark = trim(rgba)
    margin = max(3, round(size_px * _MARGIN))
    scale = (size_px - 2 * margin) / max(mark.shape[:2])
    height, width = (max(1, round(side * scale)) for side in mark.shape[:2])
    square = np.zeros((size_px, size_px, 4), np.uint8)
    top, left = (size_px - height) // 2, (size_px - width) // 2
    square[top : top + height, left : left + width] = resize(mark, width, height)
    return square


def trim(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The view of the artwork inside its transparent border. ValueError where all of it is transparent."""
    seen = rgba[..., 3] > 8
    if not seen.any():
        raise ValueError("the artwork is wholly transparent: give one with a visible mark")
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def resize(rgba: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """RGBA resized on premultiplied colour, so that no colour leaks from under transparency."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    layers = np.concatenate([rgba[..., :3] * alpha, alpha * 255], axis=2)
    shrinks = width_px < rgba.shape[1]
    layers = cv2.resize(layers, (width_px, height_px), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    alpha = np.clip(layers[..., 3:], 0, 255)
    colour = layers[..., :3] / np.maximum(alpha / 255, 1e-3)
    return np.concatenate([colour, alpha], axis=2).clip(0, 255).round().astype(np.uint8)


def cut_out(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Opaque artwork on plain white paper made transparent outside the mark, with a soft edge; others as they are."""
    if not _lies_on_paper(rgba):
        return rgba
    return _lift(rgba, _outside(rgba[..., :3].min(2) >= _NEAR_WHITE))


def _lies_on_paper(rgba: NDArray[np.uint8]) -> bool:
    white = (rgba[..., :3].min(2) >= _NEAR_WHITE) & (rgba[..., 3] > 250)
    border = np.concatenate([white[0], white[-1], white[:, 0], white[:, -1]])
    corners = int(white[0, 0]) + int(white[0, -1]) + int(white[-1, 0]) + int(white[-1, -1])
    return bool((rgba[..., 3] > 250).mean() > 0.98 and corners >= 3 and border.mean() >= _PAPER_SHARE)


def _outside(light: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The light pixels connected to the border."""
    framed = np.pad(light, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] == labels[0, 0])


def _lift(rgba: NDArray[np.uint8], paper: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Take the paper away; in a rim of two pixels alpha is how far the colour is from white towards the ink beside."""
    disc = np.ones((5, 5), np.uint8)
    rim = cv2.dilate(paper.astype(np.uint8), disc).astype(bool) & ~paper
    ink = 255.0 - rgba[..., :3].min(2).astype(np.float32)  # [H, W] 0 on paper
    alpha = np.where(paper, 0.0, 1.0).astype(np.float32)
    alpha[rim] = np.clip(ink / np.maximum(cv2.dilate(ink, disc), 1), 0, 1)[rim]
    weight = np.maximum(alpha, 0.05)[..., None]
    colour = (rgba[..., :3] - 255 * (1 - weight)) / weight
    lifted = np.concatenate([np.where(rim[..., None], colour, rgba[..., :3]), alpha[..., None] * 255], axis=2)
    return lifted.clip(0, 255).round().astype(np.uint8)


# --- what may be trained on ---------------------------------------------------------------------


def training_names(path: Path, excluded: Collection[str]) -> list[str]:
    """Names of the artwork under `path` that no excluded brand's name touches."""
    brands = [words for words in map(_words, excluded) if words]
    return [file.stem for file in files(path) if not any(_touches(_words(file.stem), brand) for brand in brands)]


def share_of(name: str) -> float:
    """A number in 0..1 that depends on the name alone: parts artwork between those that learn from it."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32


def benchmark_brands(data: Path) -> frozenset[str]:
    """Every brand that a benchmark folder under `data` uses, with the public benchmarks' own."""
    folders = (data / "consumer_brands", data / "phone_captures")
    named = {entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir() if entry.is_dir()}
    named |= {file.stem for file in (data / "emblems").glob("*.png")}
    return frozenset(named | _table_brands(data / "wild_logos" / "boxes.csv") | PUBLIC_BENCHMARK_BRANDS)


def _table_brands(table: Path) -> set[str]:
    if not table.is_file():
        return set()
    with table.open(newline="", encoding="utf-8") as lines:
        return {row["brand"] for row in csv.DictReader(lines)}


def _words(name: str) -> tuple[str, ...]:
    """Lower-case words of letters and digits, accents folded."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return tuple(re.findall(r"[a-z0-9]+", plain))


def _touches(name: tuple[str, ...], brand: tuple[str, ...]) -> bool:
    """Equal when run together, one inside the other as whole words, or a longer brand inside a run-together name."""
    run_together, brand_together = "".join(name), "".join(brand)
    return (
        run_together == brand_together
        or _holds(name, brand)
        or (len(run_together) >= 4 and brand[0] == run_together)
        or (len(brand_together) >= 4 and run_together.startswith(brand_together))
        or (len(brand_together) >= 5 and brand_together in run_together)
    )


def _holds(words: tuple[str, ...], part: Iterable[str]) -> bool:
    part = tuple(part)
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))
