"""Baselines: every other row, on the listings ours is scored on, against the same references of their true brand."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery import anomalib_bank, plain_sift
from benchmarks.forgery.memory_bank import Bank, BankMaker, MemoryBank, cells_of
from benchmarks.forgery.network import Network, embedder_networks, teacher_networks
from benchmarks.forgery.photo_set import PhotoSet
from benchmarks.forgery.readings import Crop, Ours, Reading, Tell, picture_of
from vision.bundle import Bundle

Picture = NDArray[np.uint8]  # [H, W, 3] RGB
ALIGNED, WHOLE = "aligned mark", "whole photo"
OURS = "ours"


@dataclass(frozen=True, eq=False)
class Row:
    """A method's scores of the listings of `Ours.of_brands`, in their order; larger is less like the genuine."""

    method: str
    about: str
    scores: NDArray[np.float64]  # [L]
    seconds: float  # a listing, median; what it shares with ours (alignment, embedding) not counted


class Mapping(Protocol):
    """What makes feature maps."""

    @property
    def words(self) -> str:
        """Its name."""
        ...

    def maps(self, pictures: Sequence[Picture]) -> NDArray[np.float32]:
        """Feature maps `[B, C, h, w]`."""
        ...


@dataclass(frozen=True)
class Asked:
    """What of the baselines is wanted."""

    bundle: Bundle
    weights: Path | None  # folder of teachers
    without: tuple[str, ...] = ()  # rows left out, by a part of their name

    def wants(self, method: str) -> bool:
        """Whether a row of this name is wanted."""
        return not any(part.lower() in method.lower() for part in self.without)


def our_row(ours: Ours) -> Row:
    """Our nonconformity score."""
    readings = ours.of_brands()
    scores = [reading.outcome.score for reading in readings]
    seconds = float(np.median([reading.outcome.seconds for reading in readings]))
    about = "alignment, measures, learned comparator and scorer, as served; seconds include all"
    return Row(OURS, about, np.array([np.nan if s is None else s for s in scores], np.float64), seconds)


def baselines(asked: Asked, ours: Ours, photo_set: PhotoSet, tell: Tell) -> tuple[list[Row], dict[str, str]]:
    """The rows, and why each that cannot be had is absent."""
    rows = [*_distances(ours)]
    embedders = embedder_networks(asked.bundle)
    teachers, absent = teacher_networks(asked.weights)
    rows += _whole_distance(embedders, ours, photo_set, tell)
    rows += _sift(asked, ours, photo_set, tell)
    for network in (*embedders, *teachers):
        rows += _banks(asked, network, "PatchCore-style", MemoryBank.of, ours, photo_set, tell)
    found, missing = _anomalib(asked, [*teachers, *embedders], ours, photo_set, tell)
    left_out = dict.fromkeys(asked.without, "left out by --without")
    return [row for row in rows + found if asked.wants(row.method)], absent | missing | left_out


def _distances(ours: Ours) -> Iterator[Row]:
    """The embedder alone: what ours measured on its way."""
    readings = ours.of_brands()
    region = np.array([reading.region_distance for reading in readings], np.float64)
    aligned = np.array([_or(reading.aligned_distance, reading.region_distance) for reading in readings], np.float64)
    yield Row(
        "embedder distance, best region", "cosine distance to the nearest reference, its regions too", region, 0.0
    )
    yield Row(f"embedder distance, {ALIGNED}", "the same of the mark in the references' frame", aligned, 0.0)


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _whole_distance(networks: Sequence[Network], ours: Ours, photo_set: PhotoSet, tell: Tell) -> Iterator[Row]:
    """The plainest use of an embedder: photo against photos."""
    network = next((one for one in networks if one.vector), None)
    if network is None:
        return
    banks = {brand: network.vectors(_pictures(paths)) for brand, paths in photo_set.references.items()}

    def score(reading: Reading) -> float:
        vector = network.vectors(_pictures([reading.listing.file]))[0]
        return float(1 - (banks[reading.listing.brand or ""] @ vector).max())

    about = "cosine distance of the photo to the nearest reference photo"
    yield _timed(f"embedder distance, {WHOLE}", about, ours.of_brands(), score, tell)


def _sift(asked: Asked, ours: Ours, photo_set: PhotoSet, tell: Tell) -> Iterator[Row]:
    """SIFT, homography and residual: compared once, read in two ways."""
    if not any(asked.wants(name) for name in plain_sift.METHODS):
        return
    references = {
        brand: [plain_sift.features(picture[..., ::-1]) for picture in _pictures(paths)]
        for brand, paths in photo_set.references.items()
    }
    found: list[list[plain_sift.Residual]] = []

    def compare(reading: Reading) -> float:
        listing = plain_sift.features(_pictures([reading.listing.file])[0][..., ::-1])
        found.append(plain_sift.residuals(listing, references[reading.listing.brand or ""]))
        return 0.0

    seconds = _timed("plain SIFT", "", ours.of_brands(), compare, tell).seconds
    for name, method in plain_sift.METHODS.items():
        scores = np.array([method(residuals) for residuals in found], np.float64)
        yield Row(name, "SIFT, ratio test, MAGSAC homography, local-contrast residual", scores, seconds)


def _timed(method: str, about: str, readings: Sequence[Reading], score: Callable[[Reading], float], tell: Tell) -> Row:
    """A row scored one listing after the other."""
    scores, seconds = np.empty(len(readings), np.float64), []
    for done, reading in enumerate(readings):
        started = time.perf_counter()
        scores[done] = score(reading)
        seconds.append(time.perf_counter() - started)
        tell(method, done + 1, len(readings))
    return Row(method, about, scores, float(np.median(seconds)) if seconds else 0.0)


# --- memory banks -------------------------------------------------------------------------------


def _banks(
    asked: Asked, network: Mapping, style: str, make: BankMaker, ours: Ours, photo_set: PhotoSet, tell: Tell
) -> Iterator[Row]:
    """A network's rows: on whole photos, and on marks aligned as ours are."""
    name = f"{style}, {network.words}"
    if asked.wants(f"{name}, {WHOLE}"):
        yield _bank_of_photos(f"{name}, {WHOLE}", network, make, ours, photo_set, tell)
    if asked.wants(f"{name}, {ALIGNED}"):
        yield _bank_of_marks(f"{name}, {ALIGNED}", network, make, ours, tell)


def _bank_of_photos(method: str, network: Mapping, make: BankMaker, ours: Ours, photo_set: PhotoSet, tell: Tell) -> Row:
    banks: dict[str, Bank] = {}

    def score(reading: Reading) -> float:
        brand = reading.listing.brand or ""
        if brand not in banks:
            banks[brand] = make(network.maps(_pictures(photo_set.references[brand])), None)
        return banks[brand].score(network.maps(_pictures([reading.listing.file])), None)

    return _timed(
        method, "all patches of the photo, against those of the reference photos", ours.of_brands(), score, tell
    )


def _bank_of_marks(method: str, network: Mapping, make: BankMaker, ours: Ours, tell: Tell) -> Row:
    """Where ours finds no alignment, the whole photo stands in for the crop."""
    banks: dict[str, Bank] = {}

    def score(reading: Reading) -> float:
        brand = reading.listing.brand or ""
        if brand not in banks:
            crops = ours.enrolled[brand]
            maps = network.maps([crop.pixels for crop in crops])
            banks[brand] = make(maps, np.stack([_cells(crop, maps) for crop in crops]))
        if reading.crop is None:
            return banks[brand].score(network.maps(_pictures([reading.listing.file])), None)
        maps = network.maps([reading.crop.pixels])
        return banks[brand].score(maps, _cells(reading.crop, maps))

    return _timed(method, "patches on the mark, in the frame our alignment brings it to", ours.of_brands(), score, tell)


def _cells(crop: Crop, maps: NDArray[np.float32]) -> NDArray[np.bool_]:
    return cells_of(crop.mark, maps.shape[2], maps.shape[3])


def _anomalib(
    asked: Asked, networks: Sequence[Network], ours: Ours, photo_set: PhotoSet, tell: Tell
) -> tuple[list[Row], dict[str, str]]:
    """Anomalib's rows on its own backbone where its weights are at hand, else on the strongest network that is."""
    if not asked.wants("anomalib"):
        return [], {}
    style = "anomalib's PatchCore"
    if reason := anomalib_bank.absence():
        return [], {style: reason}
    reason = anomalib_bank.backbone_absence()
    if not reason:
        return list(_banks(asked, anomalib_bank.Pixels(), style, anomalib_bank.on_pixels, ours, photo_set, tell)), {}
    stand_in = next((one for one in networks if "ResNet" in one.words), networks[0])
    rows = list(_banks(asked, stand_in, style, anomalib_bank.on_maps, ours, photo_set, tell))
    return rows, {f"{style} on its own backbone": f"{reason}; its model runs on {stand_in.words} instead"}


def _pictures(paths: Sequence[Path]) -> list[Picture]:
    """Photographs that must be readable: ours read the listings, enrolment the references."""
    return [picture for path in paths if (picture := picture_of(path)) is not None]
