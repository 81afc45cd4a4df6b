"""Trial: which real photographs a brand enrols and which are inspected; no photograph is in both.

`wild_logos` gives thirteen brands as people photograph them, with boxes, and photographs of no logo; `storefronts`
marks of other brands; `phone_captures` frames of genuine and knock-off marks, near-identical within a scene, so scenes
are what is split and counted; `consumer_brands` the artwork that adidas is enrolled with there.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from index.look import differing_bits, fingerprint_of
from index.reference_set import NEAR_DUPLICATE_BITS, brand_id
from training.listing import Listing
from vision.errors import FolderInvalid

Box = tuple[int, int, int, int]  # x0 y0 x1 y1, px
Row = dict[str, str]
MARGIN = 0.6  # around a reference's mark, share of its longer side
PHONE_ENROLLED = {"jordan": "g6s2", "converse": "g6s4"}  # brand -> scene; its other scene shows the mark inverted


@dataclass(frozen=True)
class Budget:
    """How many photographs are looked at: with the defaults 190."""

    references: int = 8  # a brand
    listings: int = 7  # a brand
    unrelated: int = 30  # without a logo, and as many storefronts
    frames: int = 4  # a scene
    seed: int = 0
    cropped: bool = False  # listings in the wild to their mark, as references are


@dataclass(frozen=True)
class Trial:
    """References by brand, and listings; `boxes` holds what is known of where marks are."""

    name: str
    references: Mapping[str, Sequence[Path]]
    listings: Sequence[Listing]
    boxes: Mapping[str, Sequence[Box]]  # listing path -> its brand's marks

    def among(self, crowd: Mapping[str, Sequence[Path]]) -> "Trial":
        """The same with more brands enrolled; one that is enrolled already stays as it is."""
        return replace(self, references={**crowd, **self.references})

    @property
    def inspected(self) -> tuple[str, ...]:
        """The brands that listings are about."""
        return tuple(sorted({listing.brand for listing in self.listings if listing.brand}))


def wild(data: Path, out: Path, budget: Budget) -> Trial:
    """Thirteen brands in the wild. A seeded half of a brand's photographs offers references, the other the listings.

    Of its half a brand enrols those that show its mark largest, cropped with a margin: `out/<brand>/`.
    """
    folder, boxes, references = data / "wild_logos", _boxes(data), {}
    listings: list[Listing] = []
    for brand in sorted({brand for brand, _ in boxes}):
        files = _unlike([folder / "images" / file for name, file in sorted(boxes) if name == brand])
        random.Random(f"{budget.seed} {brand}").shuffle(files)
        half = len(files) // 2
        largest = sorted(files[:half], key=lambda file: -_side(boxes[brand, file][0]))[: budget.references]
        references[brand] = [_crop(folder / "images" / f, boxes[brand, f][0], out / brand / f) for f in largest]
        for file in files[half:][: budget.listings]:
            listing = _listing(data, f"wild_logos/images/{file}", brand, "brand")
            if budget.cropped:
                listing = replace(listing, file=_crop(listing.file, boxes[brand, file][0], out / "inspected" / file))
            listings.append(listing)
    known = {f"wild_logos/images/{file}": found for (_, file), found in boxes.items() if not budget.cropped}
    return Trial("wild", references, [*listings, *_strangers(data, budget)], known)


def phone(data: Path, budget: Budget) -> Trial:
    """Phone frames: adidas enrolled as artwork, jordan and converse by one scene of two; all else is inspected."""
    scenes = defaultdict(list)
    for row in _rows(data / "phone_captures" / "labels.csv"):
        scenes[row["brand"], row["scene"]].append(row)
    references = {"adidas": sorted((data / "consumer_brands" / "adidas").glob("*.jpg"))}
    listings = []
    for (brand, scene), rows in sorted(scenes.items()):
        frames = _spread(sorted(rows, key=lambda row: row["path"]), budget.frames)
        if PHONE_ENROLLED.get(brand) == scene:
            references[brand] = [data / "phone_captures" / row["path"] for row in frames]
        else:
            listings += [_frame(data, row, brand, scene) for row in frames]
    return Trial("phone", references, listings, {})


def _boxes(data: Path) -> dict[tuple[str, str], list[Box]]:
    """(brand id, file) -> its boxes, the largest first."""
    found = defaultdict(list)
    for row in _rows(data / "wild_logos" / "boxes.csv"):
        box = (int(row["x1"]), int(row["y1"]), int(row["x2"]), int(row["y2"]))
        found[brand_id(row["brand"]), row["file"]].append(box)
    return {key: sorted(boxes, key=_side, reverse=True) for key, boxes in found.items()}


def _unlike(files: Sequence[Path]) -> list[str]:
    """The names of those that are no near copy of one before: people upload one picture several times."""
    kept: dict[str, int] = {}
    for file in files:
        with Image.open(file) as photo:
            fingerprint = fingerprint_of(np.asarray(photo.convert("RGB"), np.uint8))
        if all(differing_bits(fingerprint, other) > NEAR_DUPLICATE_BITS for other in kept.values()):
            kept[file.name] = fingerprint
    return list(kept)


def _strangers(data: Path, budget: Budget) -> list[Listing]:
    """Photographs without a logo, and storefronts with marks of brands unknown, none of them seen to be enrolled."""
    rows = _rows(data / "wild_logos" / "images.csv")
    bare = [f"wild_logos/images/{row['file']}" for row in rows if row["brands"] == "none"]
    shops = sorted({f"storefronts/images/{row['file']}" for row in _rows(data / "storefronts" / "boxes.csv")})
    drawn = random.Random(budget.seed)
    return [
        _listing(data, path, None, slice_)
        for slice_, paths in (("no logo", bare), ("storefront", shops))
        for path in drawn.sample(sorted(paths), min(budget.unrelated, len(paths)))
    ]


def _listing(data: Path, path: str, brand: str | None, slice_: str) -> Listing:
    return Listing(path, data / path, brand, "genuine" if brand else "unrelated", {"slice": slice_})


def _frame(data: Path, row: Row, brand: str, scene: str) -> Listing:
    path = f"phone_captures/{row['path']}"
    return Listing(path, data / path, brand, row["label"], {"slice": scene})


def _crop(file: Path, box: Box, target: Path) -> Path:
    """The mark with its margin, as a brand would photograph it: PNG, since small marks suffer from a second JPEG."""
    target = target.with_suffix(".png")
    margin = round(MARGIN * _side(box))
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(file) as photo:
        x0, y0 = max(0, box[0] - margin), max(0, box[1] - margin)
        x1, y1 = min(photo.width, box[2] + margin), min(photo.height, box[3] + margin)
        photo.convert("RGB").crop((x0, y0, x1, y1)).save(target, compress_level=1)
    return target


def _side(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _spread(rows: Sequence[Row], count: int) -> list[Row]:
    """So many of them, evenly spaced."""
    count = min(count, len(rows))
    return [rows[(2 * i + 1) * len(rows) // (2 * count)] for i in range(count)]


def _rows(table: Path) -> list[Row]:
    """Errors: `FolderInvalid` where the data lack the table."""
    if not table.is_file():
        raise FolderInvalid(f"{table} is not there; give --data the folder that holds {table.parent.name}/")
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
