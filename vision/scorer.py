"""The scorer: from measures to one nonconformity score, to recognition, and to named reasons.

Small networks with weights in the bundle, fitted by `training/scorer.py` on brands that no benchmark
uses. They see each measure as it is and against what the brand's own references show among themselves,
so that a mark which photographs poorly is not held to the standard of one that photographs well.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.divergence import MEASURES
from vision.errors import BundleInvalid
from vision.verdict import ReasonCode

CODE_VERSION = 1  # of the measures' meaning; raise when a measure changes, so that old weights refuse to load

NEARNESS = ("distance", "margin", "references")  # inputs where a brand is judged by embedding alone

MEASURES_OF_REASON: dict[ReasonCode, tuple[str, ...]] = {
    ReasonCode.MIRRORED: ("mirror",),
    ReasonCode.SHAPE_DISTORTED: ("aspect", "shear", "warp", "warp_mean", "warp_spread"),
    ReasonCode.COLOUR_OFF: ("colour", "colour_peak", "tint"),
    ReasonCode.PART_MISSING: ("missing",),
    ReasonCode.PART_ADDED: ("added",),
    ReasonCode.STROKE_WEIGHT: ("stroke", "stroke_peak"),
    ReasonCode.LOW_DETAIL: ("detail",),
    ReasonCode.STRUCTURE_DIFFERS: (
        "compared",
        "structure",
        "structure_peak",
        "structure_tail",
        "structure_excess",
        "decorrelation",
    ),
}


@dataclass(frozen=True, eq=False)
class Network:
    """Inputs on an even scale, dense layers with tanh between them, one output in log odds.

    Measures have long tails, so inputs enter as `arcsinh((x - centre) / scale)`: linear near the usual, and
    logarithmic far from it.
    """

    centre: NDArray[np.float64]  # [M]
    scale: NDArray[np.float64]  # [M]
    layers: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]  # weights [in, out], bias [out]

    def __call__(self, inputs: NDArray[np.float64]) -> float:
        """Log odds of one input `[M]`."""
        values = np.arcsinh((inputs - self.centre) / self.scale)
        for index, (weights, bias) in enumerate(self.layers):
            values = values @ weights + bias
            if index < len(self.layers) - 1:
                values = np.tanh(values)
        return float(values[0])

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Network":
        """From its JSON form."""
        layers = tuple((np.array(w, np.float64), np.array(b, np.float64)) for w, b in content["layers"])
        return cls(np.array(content["centre"], np.float64), np.array(content["scale"], np.float64), layers)


@dataclass(frozen=True, eq=False)
class Scorer:
    """All that is learned between measures and verdict."""

    fingerprint: str
    divergence: Network  # inputs -> log odds of a forgery
    recognition: Network  # inputs -> log odds that the photo shows the template's mark
    recognised_above: float  # recognition at which a brand is taken as recognised
    unaligned: Network  # NEARNESS -> log odds of a forgery, without an alignment
    nearness: Network  # NEARNESS -> log odds that the photo shows the brand, without an alignment
    near_above: float
    genuine_mean: NDArray[np.float64]  # [M] of measures of genuine photos
    genuine_scale: NDArray[np.float64]  # [M]

    @classmethod
    def load(cls, path: Path, models: str) -> "Scorer":
        """From a bundle's file. Its fingerprint covers weights, code, and the models whose measures it weighs."""
        text = path.read_text("utf-8")
        content = json.loads(text)
        identity = hashlib.sha256(f"{text}|{CODE_VERSION}|{models}".encode()).hexdigest()[:16]
        return cls.of(content, identity)

    @classmethod
    def of(cls, content: dict[str, Any], fingerprint: str) -> "Scorer":
        """From its JSON form."""
        networks = {name: Network.of(content[name]) for name in ("divergence", "recognition", "unaligned", "nearness")}
        for name, network in networks.items():
            width = len(NEARNESS) if name in ("unaligned", "nearness") else 2 * len(MEASURES)
            if len(network.centre) != width:
                raise BundleInvalid(
                    f"the bundle's scorer reads {len(network.centre)} values for {name}, this version makes {width}: "
                    "fit it anew with `python -m training.scorer`"
                )
        return cls(
            fingerprint=fingerprint,
            recognised_above=float(content["recognised_above"]),
            near_above=float(content["near_above"]),
            genuine_mean=np.array(content["genuine_mean"], np.float64),
            genuine_scale=np.array(content["genuine_scale"], np.float64),
            **networks,
        )

    def reasons(
        self, measures: NDArray[np.float32], most: int = 3, least_z: float = 3.0
    ) -> list[tuple[ReasonCode, float]]:
        """Reasons whose measures stand out of genuine photographs', with how many deviations, worst first."""
        z = dict(zip(MEASURES, (measures - self.genuine_mean) / self.genuine_scale, strict=True))
        found = [(code, max(float(z[name]) for name in names)) for code, names in MEASURES_OF_REASON.items()]
        return sorted([f for f in found if f[1] >= least_z], key=lambda f: -f[1])[:most]


def inputs_of(measures: NDArray[np.float32], genuine: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the networks see `[2M]`: measures `[M]`, and less the median of the references' own `[N, M]`.

    Where those are not known (one reference, or a measure that a model makes) the difference is 0.
    """
    absolute = measures.astype(np.float64)
    if len(genuine) < 2:
        return np.concatenate([absolute, np.zeros_like(absolute)])
    known = ~np.isnan(genuine).any(axis=0)
    usual = np.where(known, np.median(np.nan_to_num(genuine), axis=0), absolute)
    return np.concatenate([absolute, absolute - usual])
