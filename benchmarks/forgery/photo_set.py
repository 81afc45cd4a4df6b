"""Photo set: the photographs that are measured on, written once and reused, with the masks of what was altered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from index.folder import brand_folders
from training.listing import Listing, read
from training.synthesis.artwork import load_folder
from training.synthesis.listings import write
from training.synthesis.masks import mask_file, read_plan, write_masks
from training.synthesis.plan import Plan
from vision.errors import ConfigurationError

LISTINGS = "listings.csv"


@dataclass(frozen=True)
class PhotoSet:
    """References by brand, and listings of those brands and of none."""

    folder: Path
    references: Mapping[str, tuple[Path, ...]]
    listings: tuple[Listing, ...]

    def first(self, references: int) -> dict[str, tuple[Path, ...]]:
        """The first so many references of each brand."""
        return {brand: paths[:references] for brand, paths in self.references.items()}

    def mask(self, listing: Listing) -> NDArray[np.bool_] | None:
        """Where [H, W] a forged listing was altered; None where that is not known."""
        file = mask_file(self.folder, listing.path)
        found = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) if file.is_file() else None
        return None if found is None else np.asarray(found > 127, np.bool_)


def photographs(plan: Plan, artwork: Path, folder: Path, processes: int) -> Iterable[object]:
    """Writes the set into `folder` where it holds none, yielding each photograph's row as it is done."""
    if (folder / LISTINGS).is_file():
        return ()
    return write(plan, load_folder(artwork), folder, processes)


def masks(artwork: Path, folder: Path) -> Iterable[Path]:
    """Writes the masks that the set lacks, yielding each; `ConfigurationError` if it can't be redrawn."""
    listings = read(folder / LISTINGS, brand_folders(folder / "references"))
    if all(mask_file(folder, one.path).is_file() for one in listings if one.label == "counterfeit"):
        return ()
    read_plan(folder)
    return write_masks(folder, load_folder(artwork))


def load(folder: Path, brands: int | None = None) -> PhotoSet:
    """The set in a folder, or its first `brands` brands with as many of the unrelated listings."""
    references = brand_folders(folder / "references")
    listings = read(folder / LISTINGS, references)
    if brands is not None and brands < 2:
        raise ConfigurationError(f"--brands is {brands}; at least 2 are needed, since intervals are over brands")
    if brands is None or brands >= len(references):
        return PhotoSet(folder, references, tuple(listings))
    kept = dict(list(references.items())[:brands])
    return PhotoSet(folder, kept, tuple(_of_brands(listings, kept, brands)))


def _of_brands(listings: Sequence[Listing], kept: Mapping[str, object], unrelated: int) -> list[Listing]:
    strangers = [one for one in listings if one.brand is None][:unrelated]
    return [one for one in listings if one.brand in kept] + strangers
