"""Banks: rows of a network's feature maps, held in memory banks of each brand's references."""

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery.memory_bank import Bank, BankMaker, cells_of
from benchmarks.forgery.readings import Crop, Reading, Tell
from benchmarks.forgery.row import Row
from benchmarks.forgery.view import View, WholePhotos


class Mapper(Protocol):
    """What makes feature maps."""

    @property
    def words(self) -> str:
        """Its name."""
        ...

    def maps(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Feature maps `[B, C, h, w]`."""
        ...


def bank_rows(
    network: Mapper, view: View, makers: Mapping[str, BankMaker], readings: Sequence[Reading], tell: Tell
) -> list[Row]:
    """A row a maker (by style), which share the maps of what they see."""
    stage, banks = f"{network.words}, {view.words}", dict[str, list[Bank]]()
    scores, seconds = np.empty((len(makers), len(readings))), np.empty((len(makers), len(readings)))
    for place, reading in enumerate(readings):
        brand = reading.listing.brand or ""
        if brand not in banks:
            banks[brand] = _filled(network, view.genuine(brand), makers)
        scores[:, place], seconds[:, place] = _scored(network, view.listing(reading), banks[brand])
        tell(stage, place + 1, len(readings))
    return [
        Row(
            method=f"{style}, {network.words}, {view.words}",
            about=view.about,
            scores=row,
            seconds=float(np.median(spent)) if len(readings) else 0.0,
            family=f"{style}, {network.words}",
            whole_photo=isinstance(view, WholePhotos),
        )
        for style, row, spent in zip(makers, scores, seconds, strict=True)
    ]


def _filled(network: Mapper, genuine: Sequence[Crop], makers: Mapping[str, BankMaker]) -> list[Bank]:
    """A bank a maker, of the same maps."""
    maps = network.maps([crop.pixels for crop in genuine])
    kept = [cells for crop in genuine if (cells := _cells(crop, maps)) is not None]
    keep = np.stack(kept) if len(kept) == len(genuine) else None
    return [make(maps, keep) for make in makers.values()]


def _scored(network: Mapper, listing: Crop, banks: Sequence[Bank]) -> tuple[list[float], list[float]]:
    """Each bank's score, and the seconds it took with the maps."""
    started = time.perf_counter()
    maps = network.maps([listing.pixels])
    keep, mapping = _cells(listing, maps), time.perf_counter() - started
    scores, seconds = [], []
    for bank in banks:
        started = time.perf_counter()
        scores.append(bank.score(maps, keep))
        seconds.append(mapping + time.perf_counter() - started)
    return scores, seconds


def _cells(crop: Crop, maps: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    return None if crop.mark is None else cells_of(crop.mark, maps.shape[2], maps.shape[3])
