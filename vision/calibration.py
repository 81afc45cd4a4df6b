"""Split-conformal calibration: from a nonconformity score to a p-value, a flag and what is promised.

With `n` genuine scores exchangeable with the photo's own, `p = (1 + #{genuine >= s}) / (n + 1)` is at most
alpha with probability at most alpha (Bates, Candes, Lei, Romano, Sesia, "Testing for outliers with
conformal p-values", Annals of Statistics 2023, section 2). That holds on average over calibration sets;
given one set, the false-flag rate of "above the k-th largest" follows Beta(k, n + 1 - k) (ibid., section
3; Vovk, "Conditional validity of inductive conformal predictors", 2012, proposition 2a). So k is chosen
for the rate to hold with 95% confidence, and where no k does, nothing is flagged.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.errors import BundleInvalid
from vision.verdict import Rate

CONFIDENCE = 0.95
LISTINGS, SIMULATED, POOLED = "listings", "simulated", "pooled"  # where genuine scores come from


@dataclass(frozen=True)
class Threshold:
    """The score above which a photo is flagged, and the false-flag rate that goes with it."""

    rank: int  # it is the rank-th largest genuine score
    above: float
    bound: float | None  # 95% upper bound on the rate; None where the scores are a model's


@dataclass(frozen=True, eq=False)
class GenuineScores:
    """Nonconformity of `n` independent genuine units, and where they come from."""

    source: str  # listings | simulated | pooled
    values: NDArray[np.float64]  # [n], ascending

    @classmethod
    def of(cls, source: str, values: NDArray[np.float64] | list[float]) -> "GenuineScores":
        """Scores in any order."""
        return cls(source, np.sort(np.asarray(values, np.float64)))

    @property
    def model_based(self) -> bool:
        """Whether they come of simulated photographs: these rank and set a provisional threshold, and state no rate."""
        return self.source == SIMULATED

    def carry(self, alpha: float) -> bool:
        """Whether there are enough of them to decide at alpha."""
        return allowed_rank(len(self.values), alpha) > 0

    def threshold(self, alpha: float) -> Threshold | None:
        """The threshold at alpha; None where they are too few."""
        n = len(self.values)
        k = allowed_rank(n, alpha)
        if k == 0:
            return None
        return Threshold(k, float(self.values[n - k]), None if self.model_based else rate_bound(k, n))


@dataclass(frozen=True)
class Judgement:
    """A score held against calibration: `flagged` is None where nothing can be decided at alpha."""

    flagged: bool | None
    rate: Rate


def p_value(score: float, genuine: NDArray[np.float64]) -> float:
    """Conformal p-value of `score` against ascending `genuine` `[n]`, in [1/(n+1), 1]."""
    at_least = len(genuine) - int(np.searchsorted(genuine, score, side="left"))
    return (1 + at_least) / (len(genuine) + 1)


def binomial_cdf(k: int, n: int, rate: float) -> float:
    """P(Bin(n, rate) <= k)."""
    if k < 0:
        return 0.0
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return float(k >= n)
    terms = [
        math.lgamma(n + 1)
        - math.lgamma(i + 1)
        - math.lgamma(n - i + 1)
        + i * math.log(rate)
        + (n - i) * math.log1p(-rate)
        for i in range(min(k, n) + 1)
    ]
    return min(1.0, math.fsum(math.exp(t) for t in terms))


@lru_cache(maxsize=4096)
def allowed_rank(n: int, alpha: float, confidence: float = CONFIDENCE) -> int:
    """Largest `k` for which flagging above the k-th largest of `n` keeps the rate at alpha; 0 when none.

    `P(Beta(k, n + 1 - k) > alpha) = P(Bin(n, alpha) < k)`, which must be at most `1 - confidence`.
    """
    k = 0
    while k < n and binomial_cdf(k, n, alpha) <= 1 - confidence:
        k += 1
    return k


def fewest(alpha: float, confidence: float = CONFIDENCE) -> int:
    """The fewest genuine scores with which anything can be flagged at alpha."""
    return math.ceil(math.log(1 - confidence) / math.log1p(-alpha))


@lru_cache(maxsize=4096)
def rate_bound(k: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Upper bound on the false-flag rate above the k-th largest of `n`, at `confidence`, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if binomial_cdf(k - 1, n, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def judge(score: float, genuine: GenuineScores, alpha: float) -> Judgement:
    """Hold `score` against `genuine` at `alpha`."""
    n = len(genuine.values)
    p = p_value(score, genuine.values) if n else None
    threshold = genuine.threshold(alpha)
    if threshold is None:
        return Judgement(None, Rate(p, alpha, n, genuine.source, None))
    return Judgement(score > threshold.above, Rate(p, alpha, n, genuine.source, threshold.bound))


def benjamini_hochberg(p_values: NDArray[np.float64], rate: float) -> NDArray[np.bool_]:
    """Which of a batch `[m]` to flag so that the expected share of genuine photos among the flagged is at most `rate`.

    Those with the k smallest p, k the largest with `p_(k) <= rate * k / m` (Benjamini & Hochberg, "Controlling the
    false discovery rate", 1995). Holds for independent p-values, and for positively dependent ones (Benjamini &
    Yekutieli 2001, theorem 1.2). Conformal p-values that share one calibration set are so dependent, if batch and
    calibration are independent of one another (Bates et al. 2023, on PRDS); those of several sets need not be.
    """
    order = np.argsort(p_values, kind="stable")
    steps = rate * np.arange(1, len(order) + 1) / max(len(order), 1)
    below = np.flatnonzero(p_values[order] <= steps)
    flagged = np.zeros(len(order), np.bool_)
    if below.size:
        flagged[order[: below[-1] + 1]] = True
    return flagged


class Judge(Protocol):
    """Decides whether a score is a genuine photo's, and says at what rate that errs."""

    def judge(self, score: float, brand: str, references: int, alpha: float) -> Judgement:
        """Hold a score of `brand`, which has that many references, against what applies to it."""
        ...


@dataclass(frozen=True, eq=False)
class Calibration:
    """Genuine scores by number of references, pooled over brands, and brands' own where they have any.

    Which is used depends on counts alone and is settled before the score is seen.
    """

    pooled: Mapping[int, GenuineScores]  # number of references -> one score a brand
    own: Mapping[str, GenuineScores] = field(default_factory=dict)  # brand -> scores of confirmed listings
    simulated: Mapping[str, GenuineScores] = field(default_factory=dict)  # brand -> one score a reference

    @classmethod
    def load(cls, path: Path, scorer: str) -> "Calibration":
        """Pooled scores from a bundle's file, refused when made by another scorer than `scorer`."""
        content = json.loads(path.read_text("utf-8"))
        if content["scorer"] != scorer:
            raise BundleInvalid(
                f"calibration {path.name} was made by scorer {content['scorer']}, the bundle's is {scorer}: "
                "run `python -m training.calibrate` on the bundle again"
            )
        return cls({int(k): GenuineScores.of(POOLED, v) for k, v in content["pooled"].items()})

    def with_own(self, scores: Mapping[str, Sequence[GenuineScores]]) -> "Calibration":
        """The same pooled scores, beside these of each brand's own."""
        by_source = {
            source: {brand: each for brand, several in scores.items() for each in several if each.source == source}
            for source in (LISTINGS, SIMULATED)
        }
        return Calibration(self.pooled, by_source[LISTINGS], by_source[SIMULATED])

    def scores_for(self, brand: str, references: int, alpha: float) -> GenuineScores:
        """The first that are enough for alpha of the brand's listings, its simulated photographs, and pooled scores.

        Pooled are taken at as many references or the next fewer that carry alpha: with fewer, genuine photographs
        score higher, so that errs on the safe side. Where none are enough, the pooled ones nearest in count rank it.
        """
        own = [scores[brand] for scores in (self.own, self.simulated) if brand in scores]
        pooled = [self.pooled[count] for count in sorted(self.pooled, reverse=True) if count <= references]
        enough = [scores for scores in own + pooled if scores.carry(alpha)]
        return next(iter(enough + pooled + own), GenuineScores.of("none", []))

    def judge(self, score: float, brand: str, references: int, alpha: float) -> Judgement:
        """Hold a score of `brand`, which has that many references, against what applies to it."""
        return judge(score, self.scores_for(brand, references, alpha), alpha)
