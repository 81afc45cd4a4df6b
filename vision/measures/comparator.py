"""The learned comparator: a small network that says how and where an aligned mark differs from its references.

It compares rather than recognises, so it is meant for brands it never saw. It answers in log odds, which the
scorer weighs beside the measured differences; it never decides by itself.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.bundle import sha256_of
from vision.runtime import open_session

PAIR_PX = 160  # side P of the crops that the network takes


@dataclass(frozen=True, eq=False)
class Comparison:
    """What the network says of one photo against its references."""

    logit: float  # log odds that the designs differ, mean over the references
    peak: float  # the same of its worst place: the highest of the mean map
    heat: NDArray[np.float32]  # [S, S] 0..1, where they differ
    faults: NDArray[np.float32]  # [F] log share of belief in each of `verdict.FAULTS`, were the mark a forgery


class Comparator:
    """The comparator of a bundle. Thread safe; weights are loaded once, here."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._session = open_session(path, threads)
        self._fingerprint = sha256_of(path)[:16]

    @property
    def fingerprint(self) -> str:
        """Identity of the weights; scores made with another comparator do not compare."""
        return self._fingerprint

    def compare(self, photo: NDArray[np.uint8], references: NDArray[np.uint8], ink: NDArray[np.float32]) -> Comparison:
        """Compare a photo `[S, S, 3]` with `K` references `[K, S, S, 3]` over the mark's ink `[S, S]` 0..1."""
        feeds: dict[str, NDArray[np.generic]] = {
            "photo": _small(photo)[None],
            "references": np.stack([_small(reference) for reference in references]),
            "ink": np.asarray(_resized(ink, PAIR_PX), np.float32)[None],
        }
        logits, maps, faults = self._session.run(feeds)  # [K], [K, C, C], [K, F]
        drawn = np.asarray(maps.mean(axis=0), np.float32)
        size_px = photo.shape[0]
        odds = cv2.resize(drawn, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
        heat = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        return Comparison(float(logits.mean()), float(drawn.max()), np.asarray(heat, np.float32), _shares(faults))


def _shares(logits: NDArray[np.generic]) -> NDArray[np.float32]:
    """Log shares `[F]` of the mean of logits `[K, F]`."""
    mean = np.asarray(logits, np.float64).mean(axis=0)
    return np.asarray(mean - np.logaddexp.reduce(mean), np.float32)


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(_resized(pixels, PAIR_PX), np.uint8)


def _resized(pixels: NDArray[np.uint8] | NDArray[np.float32], side_px: int) -> NDArray[np.generic]:
    return np.asarray(cv2.resize(pixels, (side_px, side_px), interpolation=cv2.INTER_AREA))
