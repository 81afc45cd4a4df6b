"""Photo sets: photographs with the boxes of their marks, composed ones and real ones."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.localisation import Truth, side
from training.synthesis import scenes
from training.synthesis.artwork import load_folder
from training.synthesis.scene_plan import ScenePlan
from training.synthesis.scene_table import LEAST_VISIBLE
from vision.errors import ConfigurationError, InputRefused
from vision.photo import decode

LEAST_PX = 12  # longer side from which a mark counts
COUNTS = ((1, "1"), (3, "2 to 3"), (9, "4 to 9"), (10**6, "10 and more"))


@dataclass(frozen=True, eq=False)
class MarkedPhoto:
    """A photograph and its marks, with what each slice says of the photo or of each mark."""

    file: Path
    truth: Truth
    slices: Mapping[str, str]  # of the photo
    mark_slices: Mapping[str, tuple[str, ...]]  # of each mark [G]


@dataclass(frozen=True)
class PhotoSet:
    """Photographs of one kind."""

    name: str
    photos: tuple[MarkedPhoto, ...]


def composed(folder: Path, artwork: Path, count: int, seed: int) -> PhotoSet:
    """Scenes with the artwork of a folder, composed into `folder` unless they are there already."""
    if not (folder / "boxes.csv").is_file():
        plan = ScenePlan(references=0, scenes=count, unrelated=count // 6, seed=seed)
        for _ in scenes.write(plan, load_folder(artwork), folder):
            pass
    listings = {row["path"]: row for row in _rows(folder / "listings.csv")}
    boxes = _by(folder / "boxes.csv", "path")
    return PhotoSet("composed", tuple(_scene(folder, row, boxes[path]) for path, row in listings.items()))


def _scene(folder: Path, row: dict[str, str], boxes: list[dict[str, str]]) -> MarkedPhoto:
    truth = _truth(boxes, [float(box["visible"]) >= LEAST_VISIBLE for box in boxes])
    photo = {name: row[name] for name in ("composition", "clutter", "condition")} | {"count": _count(truth)}
    marks = {name: tuple(box[name] for box in boxes) for name in ("pose", "product")}
    return MarkedPhoto(folder / row["path"], truth, photo, marks | {"share": tuple(map(_share_seen, boxes))})


def _share_seen(box: dict[str, str]) -> str:
    return "whole" if float(box["visible"]) >= 0.9 else "in part"


def real(name: str, data: Path, most: int) -> PhotoSet:
    """At most so many of the photographs of a folder whose marks are boxed, evenly over the names of their files.

    `storefronts`: shop fronts, their signs boxed. `wild_logos`: goods and places, the marks of thirteen brands boxed
    and those of others not. Photographs that serving refuses are left out.
    """
    boxes = _by(data / name / "boxes.csv", "file")
    files = sorted(boxes)
    chosen = {file: boxes[file] for file in files[:: max(1, -(-len(files) // most))]}
    return PhotoSet(name, tuple(_real(data / name, chosen)))


def _real(folder: Path, boxes: Mapping[str, list[dict[str, str]]]) -> Iterator[MarkedPhoto]:
    for name, rows in boxes.items():
        truth, file = _truth(rows, [True] * len(rows)), folder / "images" / name
        if _is_taken(file):
            yield MarkedPhoto(file, truth, {"count": _count(truth)}, {})


def _is_taken(file: Path) -> bool:
    try:
        decode(file.read_bytes())
    except InputRefused:
        return False
    return True


def _truth(rows: list[dict[str, str]], seen: list[bool]) -> Truth:
    boxes = np.array([[float(row[edge]) for edge in ("x1", "y1", "x2", "y2")] for row in rows]).reshape(-1, 4)
    return Truth(boxes, np.array(seen, bool) & (side(boxes) >= LEAST_PX))


def _count(truth: Truth) -> str:
    marks = int(truth.counts.sum())
    return "none" if not marks else next(name for most, name in COUNTS if marks <= most)


def _by(table: Path, column: str) -> dict[str, list[dict[str, str]]]:
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(table):
        grouped[row[column]].append(row)
    return grouped


def _rows(table: Path) -> list[dict[str, str]]:
    if not table.is_file():
        raise ConfigurationError(f"{table} is not there; give the folder of benchmark data as --data")
    with table.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
