"""False flags: what share of genuine listings is flagged at an alpha, and at what price."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.forgery.clustered import Estimate, promised, rate
from benchmarks.forgery.readings import Reading
from vision.verdict import Decision

ALPHAS = (0.005, 0.01, 0.02, 0.05, 0.1)
SLICES = ("condition", "finish")


@dataclass(frozen=True)
class AtRate:
    """What happens at one alpha."""

    alpha: float
    genuine: int
    flagged_genuine: int
    false_flags: Estimate  # share of genuine listings flagged, under any brand
    promised: tuple[int, int] | None  # 95% range of flags among genuine listings that the calibration allows
    undecided: Estimate  # share of all branded listings
    flagged_forged: Estimate

    @property
    def holds(self) -> bool | None:
        """Whether the rate is at most alpha, within its interval; None where nothing was measured."""
        return None if self.false_flags.low is None else self.false_flags.low <= self.alpha

    def as_json(self) -> dict[str, object]:
        """As report.json holds it."""
        return {**asdict(self), "holds": self.holds}


def at_rates(readings: Sequence[Reading], alphas: Sequence[float]) -> list[AtRate]:
    """What happens at each alpha."""
    return [_at_rate(readings, alpha) for alpha in sorted(alphas)]


def by_slice(readings: Sequence[Reading], alphas: Sequence[float]) -> dict[str, list[AtRate]]:
    """The same of each shooting condition and finish, the hard ones among them."""
    found = {}
    for column in SLICES:
        for value in sorted({one.listing.slices.get(column, "") for one in readings} - {""}):
            part = [one for one in readings if one.listing.slices.get(column) == value]
            found[f"{column} {value}"] = at_rates(part, alphas)
    return found


def _at_rate(readings: Sequence[Reading], alpha: float) -> AtRate:
    genuine = [one for one in readings if one.listing.label == "genuine"]
    forged = [one for one in readings if one.listing.label == "counterfeit"]
    flags = _share(genuine, alpha, Decision.DIVERGENT)
    units = [one.answers[alpha].units for one in genuine if one.answers[alpha].units]
    return AtRate(
        alpha,
        len(genuine),
        round((flags.value or 0.0) * len(genuine)),
        flags,
        promised(len(genuine), int(np.median(units)), alpha) if units else None,
        _share([*genuine, *forged], alpha, Decision.UNDECIDED),
        _share(forged, alpha, Decision.DIVERGENT),
    )


def _share(readings: Sequence[Reading], alpha: float, decision: Decision) -> Estimate:
    flags = np.array([one.answers[alpha].decision == decision.value for one in readings], np.bool_)
    return rate(flags, [one.listing.brand or "" for one in readings])
