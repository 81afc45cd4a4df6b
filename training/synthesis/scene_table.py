"""Tables of a set of scenes: a line a listing, a line a mark, with the visible extent of each."""

import csv
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.synthesis.scene import Scene, Standing
from training.synthesis.scene_plan import SceneJob

POSES = ((15.0, "frontal"), (40.0, "tilted"), (90.0, "steep"))  # by tilt, degrees
LEAST_VISIBLE = 0.3  # share of a mark that must be seen for a listing to show it
_LEAST_PX = 16  # of its longer side


@dataclass(frozen=True)
class ListingRow:
    """One line of `listings.csv`. `mark_px` is the longer side of the listed brand's largest mark."""

    path: str
    brand: str
    label: str
    alteration: str
    severity: str
    product: str
    condition: str
    composition: str
    clutter: str
    overlaid: int
    marks: int
    mark_px: str


@dataclass(frozen=True)
class BoxRow:
    """One line of `boxes.csv`: the visible extent of one mark, px of the photograph."""

    path: str
    brand: str
    listed: int  # 1 for the brand that the listing is about
    label: str  # genuine or counterfeit
    alteration: str
    product: str
    x1: int
    y1: int
    x2: int
    y2: int
    visible: str  # share of the mark that is seen
    tilt_deg: str
    pose: str
    clutter: str
    composition: str


def shown(scene: Scene) -> Standing | None:
    """The listed brand's largest mark, where enough of it is seen."""
    listed = (mark for mark in scene.marks if mark.imprint.listed and mark.visible >= LEAST_VISIBLE)
    largest = max(listed, key=_side_px, default=None)
    return largest if largest is not None and _side_px(largest) >= _LEAST_PX else None


def _side_px(mark: Standing) -> float:
    box = mark.box
    return 0.0 if box is None else max(box[2] - box[0], box[3] - box[1])


def listing_row(job: SceneJob, scene: Scene) -> ListingRow:
    """A scene's line of `listings.csv`."""
    mark = shown(scene)
    altered = mark is not None and bool(job.kinds)
    return ListingRow(
        path=job.path,
        brand="" if job.listed is None else job.listed.name,
        label=job.label,
        alteration=mark.imprint.alteration if mark is not None and altered else "",
        severity=str(job.severity) if altered else "",
        product="" if mark is None else mark.product,
        condition=job.condition,
        composition=scene.composition,
        clutter=scene.clutter,
        overlaid=int(scene.overlaid),
        marks=len(scene.marks),
        mark_px="" if mark is None else f"{_side_px(mark):.0f}",
    )


def box_rows(path: str, scene: Scene) -> Iterator[BoxRow]:
    """The lines of `boxes.csv` of one scene."""
    for mark in scene.marks:
        if (box := mark.box) is None:
            continue
        x1, y1, x2, y2 = (round(edge) for edge in box)
        yield BoxRow(
            path=path,
            brand=mark.imprint.brand,
            listed=int(mark.imprint.listed),
            label="counterfeit" if mark.imprint.alteration else "genuine",
            alteration=mark.imprint.alteration,
            product=mark.product,
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            visible=f"{mark.visible:.2f}",
            tilt_deg=f"{mark.tilt_deg:.0f}",
            pose=next(name for limit, name in POSES if mark.tilt_deg <= limit),
            clutter=scene.clutter,
            composition=scene.composition,
        )


def write_rows(file: Path, rows: Sequence[ListingRow] | Sequence[BoxRow], kind: type) -> None:
    """A table of dataclass rows, with its head also where there are none."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, [field.name for field in dataclasses.fields(kind)])
        table.writeheader()
        table.writerows(dataclasses.asdict(row) for row in rows)
