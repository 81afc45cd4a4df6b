"""Trial: scenes of unseen brands, the same listings cropped to their marks, and references of a crowd of brands.

All of it is written below one folder, and reused where it is there. The crowd's brands are of artwork that no
benchmark and no listing uses, so that every scene is answered alike but for how many brands could be meant.
"""

import csv
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from training.synthesis import listings, scenes
from training.synthesis.artwork import benchmark_brands, load_folder, training_names
from training.synthesis.plan import Plan, plan_jobs
from training.synthesis.scene_plan import ScenePlan
from training.synthesis.scene_table import LEAST_VISIBLE
from vision.errors import ConfigurationError

MARGIN = 0.3  # around a cropped mark, share of its longer side
CROWD_REFERENCES = 4  # photographs a brand of the crowd

Drain = Callable[[str, Iterable[object], int | None], None]  # stage, work, how much of it there is
Box = tuple[int, int, int, int]  # x1 y1 x2 y2, px


@dataclass(frozen=True)
class Trial:
    """Where the parts of a trial lie."""

    folder: Path

    @property
    def references(self) -> Path:
        """Of the brands that listings are about."""
        return self.folder / "references"

    @property
    def listings(self) -> Path:
        """The table of whole scenes."""
        return self.folder / "listings.csv"

    @property
    def cropped(self) -> Path:
        """The table of the listed marks, cropped."""
        return self.folder / "cropped.csv"

    @property
    def crowd(self) -> Path:
        """References of the same brands and of the crowd."""
        return self.folder / "crowd"

    def compose(self, artwork: Path, plan: ScenePlan, drain: Drain) -> None:
        """Write scenes and crops unless they are there."""
        if not self.listings.is_file():
            drain("scenes", scenes.write(plan, load_folder(artwork), self.folder), plan.scenes + plan.unrelated)
        if not self.cropped.is_file():
            self._crop()

    def gather(self, artwork: Path, data: Path, brands: int, drain: Drain) -> None:
        """Write the crowd's references, so many brands of them, beside copies of the listed brands'."""
        if self.crowd.is_dir():
            return
        unused = sorted(training_names(artwork, benchmark_brands(data)))
        chosen = {unused[index] for index in np.random.default_rng(0).permutation(len(unused))[: brands + 1]}
        plan = Plan(brands, CROWD_REFERENCES, listings=0, unrelated=0)
        fresh = self.folder / "crowd.new"
        jobs = plan_jobs(plan, load_folder(artwork, names=chosen))
        drain("crowd", (listings.take(job, fresh) for job in jobs), len(jobs))
        shutil.copytree(self.references, fresh / "references", dirs_exist_ok=True)
        (fresh / "references").rename(self.crowd)

    def _crop(self) -> None:
        largest = _largest(_rows(self.folder / "boxes.csv"))
        table = [row for row in _rows(self.listings) if row["path"] in largest]
        for row in table:
            path, row["path"] = row["path"], f"cropped/{Path(row['path']).stem}.png"
            _crop(self.folder / path, largest[path], self.folder / row["path"])
        with self.cropped.open("w", newline="", encoding="utf-8") as stream:
            written = csv.DictWriter(stream, list(table[0]))
            written.writeheader()
            written.writerows(table)


def _largest(rows: Iterable[dict[str, str]]) -> dict[str, Box]:
    """Of each photograph, the box of the listed brand's largest mark that is seen."""
    found: dict[str, Box] = {}
    for row in rows:
        if row["listed"] == "1" and float(row["visible"]) >= LEAST_VISIBLE:
            box = (int(row["x1"]), int(row["y1"]), int(row["x2"]), int(row["y2"]))
            found[row["path"]] = max(found.get(row["path"], box), box, key=_side_px)
    return found


def _side_px(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _crop(photo: Path, box: Box, target: Path) -> None:
    margin = round(MARGIN * _side_px(box))
    pixels = np.asarray(cv2.imread(str(photo)), np.uint8)
    part = pixels[max(0, box[1] - margin) : box[3] + margin, max(0, box[0] - margin) : box[2] + margin]
    target.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(target), part)


def _rows(table: Path) -> list[dict[str, str]]:
    if not table.is_file():
        raise ConfigurationError(f"{table} is not there; remove {table.parent} so that it is composed anew")
    with table.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
