"""Standing: how a brand's calibration stands: from which sources, at which thresholds, and what may be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import console
from index.gallery import Gallery
from index.genuine import Scored
from index.own_scores import fits
from index.store import ScoreSet
from vision.calibration import LISTINGS, Calibration, GenuineScores, Threshold, fewest
from vision.errors import InputRefused
from vision.inspection import Inspector

ALPHAS = (0.01, 0.05)  # rates told of


@dataclass(frozen=True, eq=False)
class Source:
    """Genuine scores from one source, as they bear on a brand."""

    genuine: GenuineScores
    photographs: int
    used_at: tuple[float, ...]  # rates at which they decide
    current: bool = True  # of the references and the scorer in service

    @property
    def thresholds(self) -> Mapping[float, Threshold | None]:
        """By rate; None where they are too few."""
        return {alpha: self.genuine.threshold(alpha) for alpha in ALPHAS}

    @property
    def words(self) -> str:
        """What may be said."""
        if not self.current:
            return "made of other references or by another scorer: not used; calibrate again"
        count = len(self.genuine.values)
        carried = {alpha: threshold for alpha, threshold in self.thresholds.items() if threshold is not None}
        if self.genuine.model_based:
            return _words_of_model(count, list(carried))
        if not carried:
            return f"{count} are too few to flag by: 5% takes {fewest(0.05)}, 1% takes {fewest(0.01)}"
        rates = ", ".join(f"{console.number(t.bound, '.2%')} at {alpha:.0%}" for alpha, t in carried.items())
        over = "this brand's, sampled alike" if self.genuine.source == LISTINGS else "over brands, not of each"
        return f"at most {rates} of genuine listings are flagged (95% confidence; {over})"

    def as_json(self) -> dict[str, Any]:
        """As in report.json."""
        return {
            "source": self.genuine.source,
            "photographs": self.photographs,
            "units": len(self.genuine.values),
            "used_at": list(self.used_at),
            "current": self.current,
            "thresholds": {str(alpha): None if t is None else vars(t) for alpha, t in self.thresholds.items()},
            "says": self.words,
            "scores": [round(float(score), 6) for score in self.genuine.values],
        }


def _words_of_model(count: int, carried: Sequence[float]) -> str:
    if not carried:
        return f"a model's, of {count} references: ranks only, no rate may be stated"
    rates = " and ".join(f"{alpha:.0%}" for alpha in carried)
    return f"a model's, of {count} references: flags provisionally at {rates}, no rate may be stated"


@dataclass(frozen=True, eq=False)
class Standing:
    """One brand's calibration."""

    brand: str
    references: int
    sources: tuple[Source, ...]
    refused: tuple[tuple[Path, InputRefused], ...] = ()  # photos that could not be used just now

    def as_json(self) -> dict[str, Any]:
        """As in report.json."""
        return {
            "brand": self.brand,
            "references": self.references,
            "sources": [source.as_json() for source in self.sources],
            "refused": [{"path": str(path), "code": why.code, "detail": str(why)} for path, why in self.refused],
        }


def standing(
    brand: str, kept: Sequence[ScoreSet], scored: Sequence[Scored], inspector: Inspector, gallery: Gallery
) -> Standing:
    """How a brand stands, given what the store keeps, an inspector calibrated on it, and what was scored just now."""
    references = inspector.recogniser.enrolled(brand)
    chosen = {alpha: inspector.calibration.scores_for(brand, references, alpha) for alpha in ALPHAS}
    of_brand = [each for each in kept if each.brand == brand]
    own = [_own(each, chosen, inspector, gallery) for each in of_brand]
    bare = Calibration(inspector.calibration.pooled)
    pooled = {id(p): p for p in (bare.scores_for(brand, references, alpha) for alpha in ALPHAS)}.values()
    refused = tuple(file for each in scored if each.brand == brand for file in each.refused)
    return Standing(brand, references, (*own, *(_pooled(each, chosen) for each in pooled)), refused)


def _own(each: ScoreSet, chosen: Mapping[float, GenuineScores], inspector: Inspector, gallery: Gallery) -> Source:
    current = each.scorer == inspector.recogniser.scorer.fingerprint and fits(each, gallery)
    used_at = [alpha for alpha, scores in chosen.items() if current and scores.source == each.source]
    genuine = GenuineScores.of(each.source, list(each.scores))
    return Source(genuine, each.photographs, _deciding(genuine, used_at), current)


def _pooled(genuine: GenuineScores, chosen: Mapping[float, GenuineScores]) -> Source:
    used_at = [alpha for alpha, scores in chosen.items() if scores is genuine]
    return Source(genuine, len(genuine.values), _deciding(genuine, used_at))


def _deciding(genuine: GenuineScores, used_at: Sequence[float]) -> tuple[float, ...]:
    return tuple(alpha for alpha in used_at if genuine.carry(alpha))
