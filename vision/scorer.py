"""The scorer: from measures to one nonconformity score, to recognition, and to named reasons.

Small networks and decision trees with weights in the bundle, fitted by `training/scorer.py` on brands that no benchmark
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

from vision.errors import BundleInvalid
from vision.measures.divergence import MEASURES
from vision.network import Network
from vision.odds import Odds
from vision.verdict import FAULTS, ReasonCode

CODE_VERSION = 3  # of the measures' meaning; raise when a measure changes, so that old weights refuse to load

ODDS = ("altered", "recognition")
NETWORKS = ("obscured", "unaligned", "nearness", "faults")
CLARITY = ("blur", "coarseness", "hidden", "glare", "thin", "tint", "warmth")  # how a photo was taken, not the design
NEARNESS = ("distance", "margin", "references")  # inputs where a brand is judged by embedding alone

CLARITY_AT = [MEASURES.index(name) for name in CLARITY]
_ANEW = "fit it anew with `python -m training.scorer`"
_WIDTHS = {"unaligned": len(NEARNESS), "nearness": len(NEARNESS), "obscured": len(CLARITY)}  # of the others 2M


@dataclass(frozen=True, eq=False)
class Scorer:
    """All that is learned between measures and verdict."""

    fingerprint: str
    altered: Odds  # inputs -> log odds of a forgery
    obscured: Network  # CLARITY -> log odds that the photo was taken under conditions hard to see by
    indulgence: float  # log odds of a forgery that are let pass in a photo surely so taken
    recognition: Odds  # inputs -> log odds that the photo shows the template's mark
    recognised_above: float  # recognition at which a brand is taken as recognised
    unaligned: Network  # NEARNESS -> log odds of a forgery, without an alignment
    nearness: Network  # NEARNESS -> log odds that the photo shows the brand, without an alignment
    near_above: float
    faults: Network  # inputs -> logits of FAULTS among themselves: which one, were it a forgery

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
        if any("network" not in content[name] for name in ODDS):
            raise BundleInvalid(
                f"the bundle's scorer is of an earlier version, which had no trees for all of {ODDS}: {_ANEW}"
            )
        odds = {name: Odds.of(content[name]) for name in ODDS}
        networks = {name: Network.of(content[name]) for name in NETWORKS}
        for name, network in [*networks.items(), *((name, each.network) for name, each in odds.items())]:
            width = _WIDTHS.get(name, 2 * len(MEASURES))
            if len(network.centre) != width:
                raise BundleInvalid(
                    f"the bundle's scorer reads {len(network.centre)} values for {name}, "
                    f"this version makes {width}: {_ANEW}"
                )
        parts: dict[str, Any] = {**odds, **networks}
        return cls(
            fingerprint=fingerprint,
            recognised_above=float(content["recognised_above"]),
            near_above=float(content["near_above"]),
            indulgence=float(content["indulgence"]),
            **parts,
        )

    def belief(self, inputs: NDArray[np.float64]) -> float:
        """Log odds that the photo shows the template's mark, above those from which a brand is taken as recognised.

        Inputs are `[2M]`.
        """
        return self.recognition(inputs) - self.recognised_above

    def divergence(self, inputs: NDArray[np.float64]) -> float:
        """The nonconformity score of one input `[2M]`: log odds of a forgery, less what poor sight excuses.

        Genuine marks score higher where they are hard to see, so that one threshold for all photographs would flag
        those of a seller with a poor camera more often than others.
        """
        return self.altered(inputs) - self.indulgence * self.obscurity(inputs)

    def obscurity(self, inputs: NDArray[np.float64]) -> float:
        """How surely a photo with these inputs `[2M]` was taken under conditions hard to see by, 0..1."""
        return float(1 / (1 + np.exp(-self.obscured(inputs[CLARITY_AT]))))

    def reasons(
        self, inputs: NDArray[np.float64], said: NDArray[np.float64] | float = 0.0, most: int = 2, least: float = 0.2
    ) -> list[tuple[ReasonCode, float]]:
        """The likeliest faults of a mark taken for a forgery, each with the share of belief 0..1 in it.

        `said` `[F]` is what a closer look adds to the logits (`vision/faults/naming.py`).
        """
        logits = self.faults.outputs(inputs) + said
        shares = np.exp(logits - np.logaddexp.reduce(logits))
        ranked = sorted(zip(FAULTS, shares.tolist(), strict=True), key=lambda named: -named[1])
        return [named for named in ranked[:most] if named[1] >= least]


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
