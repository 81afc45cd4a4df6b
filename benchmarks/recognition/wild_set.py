"""Wild set: the boxed marks of `wild_logos`, photographs of goods and places."""

import csv
from pathlib import Path

from benchmarks.recognition.crop import Crop

LEAST_PX = 12  # shorter side from which a mark counts


def load(folder: Path) -> list[Crop]:
    """The marks large enough, none where the folder is absent."""
    table = folder / "boxes.csv"
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as lines:
        crops = [_crop(folder / "images", row) for row in csv.DictReader(lines)]
    return [crop for crop in crops if _shorter_side(crop) >= LEAST_PX]


def _crop(images: Path, row: dict[str, str]) -> Crop:
    x0, y0, x1, y1 = (float(row[edge]) for edge in ("x1", "y1", "x2", "y2"))
    return Crop(images / row["file"], (x0, y0, x1, y1), row["brand"])


def _shorter_side(crop: Crop) -> float:
    x0, y0, x1, y1 = crop.box
    return min(x1 - x0, y1 - y0)
