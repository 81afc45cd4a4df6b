"""Faults: whether the reasons name the fault that was planted, and whether the map shows where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType

import numpy as np

from benchmarks.forgery.clustered import Estimate, rate
from benchmarks.forgery.readings import Reading
from vision.verdict import Decision, ReasonCode

REASON_OF: Mapping[str, ReasonCode] = MappingProxyType(
    {
        "part_missing": ReasonCode.PART_MISSING,
        "mirrored": ReasonCode.MIRRORED,
        "hue": ReasonCode.COLOUR_OFF,
        "lettering": ReasonCode.LETTERING_DIFFERS,
        "aspect": ReasonCode.SHAPE_DISTORTED,
        "warped": ReasonCode.SHAPE_DISTORTED,
        "part_moved": ReasonCode.SHAPE_DISTORTED,
        "part_added": ReasonCode.PART_ADDED,
        "stroke_weight": ReasonCode.STROKE_WEIGHT,
        "coarse_detail": ReasonCode.LOW_DETAIL,
    }
)


@dataclass(frozen=True)
class Found:
    """What is said of some forged listings that were planted one fault."""

    listings: int
    named: Estimate  # share whose reasons hold the fault's
    named_first: Estimate  # share whose first reason is the fault's
    inside: Estimate  # share whose map peaks inside the altered area, of those with a mask
    by_chance: float | None  # what a peak set anywhere on the mark would reach


@dataclass(frozen=True)
class Fault:
    """One kind of alteration."""

    kind: str
    reason: str
    flagged: Found  # of those flagged, by the verdict's reasons
    aligned: Found  # of all aligned, by the reasons that a flag would have

    def as_json(self) -> dict[str, object]:
        """As report.json holds it."""
        return asdict(self)


def faults(readings: Sequence[Reading], alpha: float) -> list[Fault]:
    """Each kind of alteration that was planted."""
    return [_fault(kind, _planted(readings, kind), alpha) for kind in REASON_OF if _planted(readings, kind)]


def _planted(readings: Sequence[Reading], kind: str) -> list[Reading]:
    return [one for one in readings if one.listing.slices.get("alteration") == kind]


def _fault(kind: str, planted: Sequence[Reading], alpha: float) -> Fault:
    reason = REASON_OF[kind].value
    flagged = [one for one in planted if one.answers[alpha].decision == Decision.DIVERGENT.value]
    aligned = [one for one in planted if one.crop is not None]
    return Fault(
        kind,
        reason,
        _found(flagged, [one.reasons for one in flagged], reason),
        _found(aligned, [one.seen for one in aligned], reason),
    )


def _found(readings: Sequence[Reading], reasons: Sequence[tuple[str, ...]], reason: str) -> Found:
    peaks = [(one, one.peak) for one in readings if one.peak is not None]
    brands = [one.listing.brand or "" for one in readings]
    return Found(
        len(readings),
        rate(np.array([reason in named for named in reasons], np.bool_), brands),
        rate(np.array([named[:1] == (reason,) for named in reasons], np.bool_), brands),
        rate(np.array([peak.inside for _, peak in peaks], np.bool_), [one.listing.brand or "" for one, _ in peaks]),
        float(np.mean([peak.by_chance for _, peak in peaks])) if peaks else None,
    )
