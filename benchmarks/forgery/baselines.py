"""Baselines: every other row, on the listings ours is scored on, against the same references of their true brand."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery import anomalib_bank, plain_sift
from benchmarks.forgery.banks import Mapper, bank_rows
from benchmarks.forgery.memory_bank import BankMaker, MemoryBank
from benchmarks.forgery.network import Network, embedder_networks, teacher_networks
from benchmarks.forgery.photo_set import PhotoSet
from benchmarks.forgery.readings import Ours, Reading, Tell
from benchmarks.forgery.row import OURS, Row
from benchmarks.forgery.view import AlignedMarks, WholePhotos, whole
from vision.bundle import Bundle

PATCHCORE, ANOMALIB, DISTANCE = "PatchCore-style", "anomalib's PatchCore", "embedder distance"


@dataclass(frozen=True, eq=False)
class Baselines:
    """What the rows beside ours need, opened before any work, so that nothing fails after it."""

    embedders: tuple[Network, ...]
    teachers: tuple[Network, ...]
    anomalib: Network | anomalib_bank.Pixels | None  # what its model runs on
    absent: Mapping[str, str]  # row -> why it can't be had
    without: tuple[str, ...]  # rows left out, by a part of their name

    @classmethod
    def open(cls, bundle: Bundle, weights: Path | None, without: Sequence[str] = ()) -> "Baselines":
        """Those of a bundle's embedder, of the teachers in the folder `weights`, and anomalib's; `BundleInvalid`."""
        embedders = embedder_networks(bundle)
        teachers, absent = teacher_networks(weights)
        left_out = dict.fromkeys(without, "left out by --without")
        if any(part.lower() in ANOMALIB.lower() for part in without):
            return cls(tuple(embedders), tuple(teachers), None, absent | left_out, tuple(without))
        anomalib, missing = _anomalib([*teachers, *embedders])
        return cls(tuple(embedders), tuple(teachers), anomalib, absent | missing | left_out, tuple(without))

    def wants(self, method: str) -> bool:
        """Whether a row of this name is wanted."""
        return not any(part.lower() in method.lower() for part in self.without)


def our_row(ours: Ours) -> Row:
    """Our nonconformity score."""
    readings = ours.of_brands()
    scores = [reading.outcome.score for reading in readings]
    seconds = float(np.median([reading.outcome.seconds for reading in readings]))
    about = "alignment, measures, learned comparator and scorer, as served; seconds include all"
    return Row(OURS, about, np.array([np.nan if s is None else s for s in scores], np.float64), seconds, OURS)


def baseline_rows(asked: Baselines, ours: Ours, photo_set: PhotoSet, tell: Tell) -> list[Row]:
    """The rows that are wanted and can be had."""
    rows = [*_distances(ours)]
    rows += _whole_distance(asked.embedders, ours, photo_set, tell)
    rows += _sift(asked, ours, photo_set, tell)
    for network in (*asked.embedders, *asked.teachers):
        makers: dict[str, BankMaker] = {PATCHCORE: MemoryBank.of}
        if asked.anomalib is network:
            makers[ANOMALIB] = anomalib_bank.on_maps
        rows += _banks(asked, network, makers, ours, photo_set, tell)
    if isinstance(asked.anomalib, anomalib_bank.Pixels):
        rows += _banks(asked, asked.anomalib, {ANOMALIB: anomalib_bank.on_pixels}, ours, photo_set, tell)
    return [row for row in rows if asked.wants(row.method)]


def _distances(ours: Ours) -> Iterator[Row]:
    """The embedder alone: what ours measured on its way."""
    readings = ours.of_brands()
    region = np.array([reading.region_distance for reading in readings], np.float64)
    aligned = np.array([_or(reading.aligned_distance, reading.region_distance) for reading in readings], np.float64)
    yield Row(f"{DISTANCE}, best region", "cosine distance to a reference, its regions too", region, 0.0, DISTANCE)
    yield Row(f"{DISTANCE}, aligned mark", "of the mark in the references' frame", aligned, 0.0, DISTANCE)


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _whole_distance(networks: Sequence[Network], ours: Ours, photo_set: PhotoSet, tell: Tell) -> Iterator[Row]:
    """The plainest use of an embedder: photo against photos."""
    network = next((one for one in networks if one.vector), None)
    if network is None:
        return
    banks = {
        brand: network.vectors([whole(path).pixels for path in paths]) for brand, paths in photo_set.references.items()
    }

    def score(reading: Reading) -> float:
        vector = network.vectors([whole(reading.listing.file).pixels])[0]
        return float(1 - (banks[reading.listing.brand or ""] @ vector).max())

    name, about = f"{DISTANCE}, whole photo", "cosine distance of the photo to the nearest reference photo"
    scores, seconds = _timed(name, ours.of_brands(), score, tell)
    yield Row(name, about, scores, seconds, DISTANCE, whole_photo=True)


def _sift(asked: Baselines, ours: Ours, photo_set: PhotoSet, tell: Tell) -> Iterator[Row]:
    """SIFT, homography and residual: compared once, read in two ways."""
    if not any(asked.wants(name) for name in plain_sift.METHODS):
        return
    references = {
        brand: [plain_sift.features(whole(path).pixels[..., ::-1]) for path in paths]
        for brand, paths in photo_set.references.items()
    }
    found: list[list[plain_sift.Residual]] = []

    def compare(reading: Reading) -> float:
        listing = plain_sift.features(whole(reading.listing.file).pixels[..., ::-1])
        found.append(plain_sift.residuals(listing, references[reading.listing.brand or ""]))
        return 0.0

    _, seconds = _timed("plain SIFT", ours.of_brands(), compare, tell)
    for name, method in plain_sift.METHODS.items():
        scores = np.array([method(residuals) for residuals in found], np.float64)
        yield Row(name, "SIFT, ratio test, MAGSAC homography, local-contrast residual", scores, seconds, name)


def _timed(
    stage: str, readings: Sequence[Reading], score: Callable[[Reading], float], tell: Tell
) -> tuple[NDArray[np.float64], float]:
    """Scores `[L]` of one listing after the other, and the median seconds of one."""
    scores, seconds = np.empty(len(readings), np.float64), []
    for done, reading in enumerate(readings):
        started = time.perf_counter()
        scores[done] = score(reading)
        seconds.append(time.perf_counter() - started)
        tell(stage, done + 1, len(readings))
    return scores, float(np.median(seconds)) if seconds else 0.0


def _banks(
    asked: Baselines, network: Mapper, makers: Mapping[str, BankMaker], ours: Ours, photo_set: PhotoSet, tell: Tell
) -> Iterator[Row]:
    """A network's rows: on whole photos, and on marks aligned as ours are."""
    for view in (WholePhotos(photo_set), AlignedMarks(ours)):
        wanted = {s: make for s, make in makers.items() if asked.wants(f"{s}, {network.words}, {view.words}")}
        if wanted:
            yield from bank_rows(network, view, wanted, ours.of_brands(), tell)


def _anomalib(networks: Sequence[Network]) -> tuple[Network | anomalib_bank.Pixels | None, dict[str, str]]:
    """What anomalib's model runs on: its own backbone where its weights are at hand, else the strongest network is."""
    if reason := anomalib_bank.absence():
        return None, {ANOMALIB: reason}
    reason = anomalib_bank.backbone_absence()
    if not reason:
        return anomalib_bank.Pixels(), {}
    stand_in = next((one for one in networks if "ResNet" in one.words), networks[0])
    return stand_in, {f"{ANOMALIB} on its own backbone": f"{reason}; its model runs on {stand_in.words} instead"}
