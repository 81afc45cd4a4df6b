"""Rehearsal: whole brands enrolled and photographed as in service, and all the scorer saw written down.

A world is a few dozen brands with their references, genuine and forged listings and strangers' photos, put
through the store, the gallery and the inspector that serve. Its records are what `training/scorer.py` fits
and `training/calibrate.py` calibrates on.

`python -m training.rehearsal OUT --bundle DIR --artwork DIR --benchmarks DIR`
"""

import multiprocessing
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from index import folder
from training.listing import Listing, read
from training.synthesis import brand as fictional
from training.synthesis import scenes
from training.synthesis.artwork import Artwork, benchmark_brands, load_folder, share_of, training_names
from training.synthesis.listings import write
from training.synthesis.plan import Plan
from training.synthesis.scene_plan import ScenePlan
from training.synthesis.scene_table import BoxRow
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder
from vision.faults.naming import EVIDENCE, evidence
from vision.inspection import comparator_of, detector_of, scorer_of
from vision.measures.divergence import MEASURES
from vision.photo import Photo, decode
from vision.policy import Policy
from vision.recognition import Recogniser, Recognition
from vision.scorer import CLARITY, NEARNESS, Scorer
from vision.sighting import box_of
from vision.trees import NONE

BoxPx = tuple[int, int, int, int]  # x1 y1 x2 y2
Shown = dict[str, list[BoxPx]]  # path -> boxes of the listed brand's marks
FIRST_FICTIONAL = 5_000_000  # seed of the first fictional brand; embedders train on lower ones


@dataclass(frozen=True, eq=False)
class Records:
    """`R` photographs held against a brand each."""

    label: NDArray[np.str_]  # [R] genuine | counterfeit | unrelated
    alteration: NDArray[np.str_]  # [R]
    severity: NDArray[np.int64]  # [R] 0..3
    condition: NDArray[np.str_]  # [R]
    brand: NDArray[np.str_]  # [R] true brand, "" where unrelated
    held: NDArray[np.str_]  # [R] brand it was held against
    photo: NDArray[np.int64]  # [R] number of the photograph
    world: NDArray[np.int64]  # [R]
    references: NDArray[np.int64]  # [R] references enrolled a brand in that world
    aligned: NDArray[np.bool_]  # [R]
    measures: NDArray[np.float64]  # [R, 2M] inputs where aligned, else NaN
    nearness: NDArray[np.float64]  # [R, len(NEARNESS)]
    evidence: NDArray[np.float64]  # [R, len(EVIDENCE)] of forgeries aligned with their own brand, else NaN
    astray: NDArray[np.bool_]  # [R] aligned with its own brand where none of its marks is

    @property
    def own(self) -> NDArray[np.bool_]:
        """Whether each was held against its true brand."""
        return np.asarray(self.brand == self.held)

    def where(self, keep: NDArray[np.bool_]) -> "Records":
        """The records at `keep`."""
        return Records(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})

    def save(self, path: Path) -> None:
        """Write as one npz file."""
        np.savez_compressed(path, **{name: getattr(self, name) for name in self.__dataclass_fields__})

    @classmethod
    def load(cls, paths: Sequence[Path]) -> "Records":
        """Read the files of several worlds as one."""
        parts = []
        for path in paths:
            with np.load(path, allow_pickle=False) as file:
                parts.append({name: file[name] for name in cls.__dataclass_fields__ if name in file})
            parts[-1].setdefault("evidence", _no_evidence(len(parts[-1]["label"])))
            parts[-1].setdefault("astray", np.zeros(len(parts[-1]["label"]), np.bool_))
        return cls(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


@dataclass(frozen=True)
class World:
    """What one world is made of."""

    number: int
    references: int
    brands: int
    listings: int  # a brand
    unrelated: int
    composed: bool = False  # listings are whole scenes instead of photographs of one product

    def write(self, artworks: Sequence[Artwork], out: Path) -> Shown | None:
        """Take its photographs, into the new folder `out` -> where the marks are in scenes."""
        seed = 70_000 + self.number
        if not self.composed:
            for _ in write(Plan(self.brands, self.references, self.listings, self.unrelated, seed=seed), artworks, out):
                pass
            return None
        about = self.brands * self.listings
        plan = ScenePlan(self.brands, self.references, about, self.unrelated, seed=seed)
        return marks_shown(box for taken in scenes.write(plan, artworks, out) for box in taken.boxes)


def rehearse(
    world: World, artworks: Sequence[Artwork], bundle: Bundle, served: bool = False, alone: bool = False
) -> Records:
    """Enrol and photograph one world, and hold every photo against the brands serving would, and its own.

    Without a scorer that has learned, whatever aligns is believed. `served` takes the bundle's: what it does not
    believe is looked at again, so that what is calibrated on is what will be answered. `alone` holds photos of a brand
    against that brand only, which costs less and says as much of forgeries.
    """
    with tempfile.TemporaryDirectory(prefix="touchstone-") as scratch:
        root = Path(scratch)
        shown = world.write(artworks, root)
        folders = folder.brand_folders(root / "references")
        table = read(root / "listings.csv", folders)
        embedder, comparator, detector = OnnxEmbedder(bundle), comparator_of(bundle), detector_of(bundle)
        scorer = scorer_of(bundle, embedder.fingerprint, comparator, detector) if served else blank_scorer()
        with folder.passing_gallery(folders, embedder) as gallery:
            recogniser = Recogniser(embedder, gallery, scorer, Policy(), comparator, detector)
            return _joined(
                [row for number, one in enumerate(table) for row in _rows(recogniser, one, number, world, shown, alone)]
            )


def marks_shown(boxes: Iterable[BoxRow]) -> Shown:
    """Boxes in px of the listed brands' marks in each photograph of a set of scenes, by path."""
    found: Shown = {}
    for box in boxes:
        if box.listed:
            found.setdefault(box.path, []).append((box.x1, box.y1, box.x2, box.y2))
    return found


def blank_scorer() -> Scorer:
    """A scorer that has learned nothing: it lets every candidate through to be recorded."""
    m = len(MEASURES)
    wide = {"centre": [0.0] * 2 * m, "scale": [1.0] * 2 * m, "layers": [[[[0.0]] * 2 * m, [0.0]]]}
    blank = {"network": wide, "trees": NONE, "trees_share": 0.0}
    n = len(NEARNESS)
    near = {"centre": [0.0] * n, "scale": [1.0] * n, "layers": [[[[0.0]] * n, [0.0]]]}
    blind = {"centre": [0.0] * len(CLARITY), "scale": [1.0] * len(CLARITY), "layers": [[[[0.0]] * len(CLARITY), [0.0]]]}
    aligned = {"altered": blank, "obscured": blind, "recognition": blank, "faults": wide}
    points = {"recognised_above": -1.0, "near_above": -1.0, "indulgence": 0.0}
    return Scorer.of({**aligned, "unaligned": near, "nearness": near, **points}, "blank")


def _rows(
    recogniser: Recogniser, listing: Listing, number: int, world: World, shown: Shown | None, alone: bool
) -> Iterator[dict[str, object]]:
    photo = decode(listing.file.read_bytes())
    found = [] if alone and listing.brand is not None else recogniser.recognise(photo)
    if listing.brand is not None and all(r.brand != listing.brand for r in found):
        found.append(recogniser.hold(photo, listing.brand))
    for recognition in found:
        astray = _is_astray(recognition, listing, photo, shown)
        yield _row(recogniser, recognition, listing, number, world) | {"astray": astray}


def _is_astray(held: Recognition, listing: Listing, photo: Photo, shown: Shown | None) -> bool:
    """Whether the middle of what was aligned with the listing's own brand lies in none of its marks' boxes."""
    if shown is None or held.brand != listing.brand or held.template is None or held.sighting is None:
        return False
    x0, y0, x1, y1 = box_of(held.template.mark, held.sighting)
    x, y = (x0 + x1) / 2 * photo.width, (y0 + y1) / 2 * photo.height
    boxes = shown.get(listing.path, ())
    return not any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)


def _row(recogniser: Recogniser, held: Recognition, listing: Listing, number: int, world: World) -> dict[str, object]:
    return {
        "label": listing.label,
        "alteration": listing.slices.get("alteration", ""),
        "severity": int(listing.slices.get("severity") or 0),
        "condition": listing.slices.get("condition", ""),
        "brand": listing.brand or "",
        "held": held.brand,
        "photo": number,
        "world": world.number,
        "references": world.references,
        "aligned": held.template is not None,
        "measures": held.inputs if held.template is not None else np.full(2 * len(MEASURES), np.nan),
        "nearness": recogniser.nearness(held.look, held.brand),
        "evidence": _evidence(held, listing),
    }


def _evidence(held: Recognition, listing: Listing) -> NDArray[np.float64]:
    """The closer look that a flag would bring, at forgeries only: faults are learned from nothing else."""
    if listing.label != "counterfeit" or held.template is None or held.brand != listing.brand:
        return np.full(len(EVIDENCE), np.nan)
    return evidence(held)


def _no_evidence(rows: int) -> NDArray[np.float64]:
    return np.full((rows, len(EVIDENCE)), np.nan)


def _joined(rows: Sequence[dict[str, object]]) -> Records:
    return Records(**{name: np.array([row[name] for row in rows]) for name in rows[0]})


# --- the command --------------------------------------------------------------------------------


def artworks_of(
    world: World, folders: Sequence[Path], exclude: Sequence[str], fictional_share: float, strangers: int = 25
) -> list[Artwork]:
    """Artwork for a world: its own slice of the folders' permitted names, and fictional brands of its own.

    The comparator learns from names with a share below a half, so none of those is here.
    """
    needed = world.brands + strangers
    drawn = round(needed * fictional_share)
    first = FIRST_FICTIONAL + world.number * 1000
    brands = [fictional.draw(first + index) for index in range(drawn)]
    found = [Artwork(f"fiction-{first + i}", brand.artwork) for i, brand in enumerate(brands)]
    taken = needed - drawn
    for position, path in enumerate(folders):
        names = np.array(sorted(name for name in training_names(path, exclude) if share_of(name) >= 0.5))
        order = np.random.default_rng(position).permutation(len(names))
        share = taken // len(folders) + (position < taken % len(folders))
        chosen = [names[order[(world.number * share + i) % len(names)]] for i in range(share)]
        found += load_folder(path, names=chosen)
    return [replace(art, name=f"{i:03d}-{art.name}"[:60]) for i, art in enumerate(found)]


def _one(
    world: World,
    bundle: Path,
    folders: Sequence[Path],
    exclude: Sequence[str],
    share: float,
    out: Path,
    served: bool,
    alone: bool,
) -> int:
    cv2.setNumThreads(1)
    records = rehearse(world, artworks_of(world, folders, exclude, share), Bundle.open(bundle), served, alone)
    records.save(out / f"world-{world.number:04d}.npz")
    return len(records.label)


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the records, one file a world; present ones are kept.")],
    artwork: Annotated[list[Path], typer.Option(help="Folders of artwork that may be trained on.")],
    benchmarks: Annotated[Path, typer.Option(help="Folder of benchmark data, whose brands are left out.")],
    bundle: Annotated[Path | None, typer.Option()] = None,
    first: Annotated[int, typer.Option(help="Number of the first world.")] = 0,
    worlds: Annotated[int, typer.Option()] = 10,
    references: Annotated[str, typer.Option(help="References a brand, taken in turn.")] = "8,8,4,8,2,8,1,8",
    brands: Annotated[int, typer.Option()] = 40,
    listings: Annotated[int, typer.Option()] = 8,
    unrelated: Annotated[int, typer.Option()] = 40,
    fictional_share: Annotated[float, typer.Option()] = 0.35,
    processes: Annotated[int, typer.Option()] = 2,
    served: Annotated[bool, typer.Option("--served", help="With the bundle's scorer: to calibrate on.")] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Listings of a brand are held against it only.")] = False,
    composed: Annotated[bool, typer.Option("--scenes", help="Listings are whole scenes.")] = False,
) -> None:
    """Rehearse worlds and record them."""
    out.mkdir(parents=True, exist_ok=True)
    counts = [int(count) for count in references.split(",")]
    names = sorted(benchmark_brands(benchmarks))
    planned = [
        World(n, counts[n % len(counts)], brands, listings, unrelated, composed) for n in range(first, first + worlds)
    ]
    missing = [w for w in planned if not (out / f"world-{w.number:04d}.npz").exists()]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        jobs = [
            pool.submit(_one, w, bundle or carried(), artwork, names, fictional_share, out, served, alone)
            for w in missing
        ]
        total = sum(job.result() for job in track(jobs, "worlds", console=Console(stderr=True)))
    typer.echo(f"{total} records in {out}")


if __name__ == "__main__":
    typer.run(main)
