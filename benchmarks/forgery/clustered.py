"""Clustered: intervals that know that listings of one brand are alike, so that brands and not listings are drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from vision.calibration import allowed_rank

ROUNDS = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95% interval; None where there is nothing to tell it by."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        return f"{self.value:.3f}" if self.low is None else f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def bootstrapped(
    statistic: Callable[[NDArray[np.intp]], Sequence[float | None]], brands: Sequence[str], rounds: int = ROUNDS
) -> list[Estimate]:
    """Figures that a statistic makes of rows `[L]`, with percentile intervals over brands drawn with replacement."""
    names = np.array(brands)
    groups = [np.flatnonzero(names == brand) for brand in np.unique(names)]
    values = statistic(np.arange(len(names)))
    if len(groups) < 2:
        return [Estimate(value) for value in values]
    rng = np.random.default_rng(0)
    drawn = [
        [np.nan if v is None else v for v in statistic(np.concatenate([groups[i] for i in draw]))]
        for draw in rng.integers(len(groups), size=(rounds, len(groups)))
    ]
    tail = (1 - CONFIDENCE) / 2
    return [_estimate(value, column, tail) for value, column in zip(values, np.array(drawn).T, strict=True)]


def _estimate(value: float | None, drawn: NDArray[np.float64], tail: float) -> Estimate:
    known = drawn[~np.isnan(drawn)]
    if value is None or len(known) == 0:
        return Estimate(value)
    low, high = np.quantile(known, [tail, 1 - tail])
    return Estimate(value, float(low), float(high))


def rate(flags: NDArray[np.bool_], brands: Sequence[str]) -> Estimate:
    """A share with its exact binomial interval at the number of independent listings that the clustering leaves.

    Korn and Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated
    from survey data" (Survey Methodology, 1998): Clopper and Pearson's with n over the design effect. It stays honest
    where flags are few, as the bootstrap does not. Without any flag the clustering cannot be told and n stands.
    """
    n, hits = len(flags), float(flags.sum())
    if n == 0:
        return Estimate(None)
    effective = n / design_effect(flags, brands)
    x, tail = hits / n * effective, (1 - CONFIDENCE) / 2
    low = 0.0 if hits == 0 else float(special.betaincinv(x, effective - x + 1, tail))
    high = 1.0 if hits == n else float(special.betaincinv(x + 1, effective - x, 1 - tail))
    return Estimate(hits / n, low, high)


def design_effect(flags: NDArray[np.bool_], brands: Sequence[str]) -> float:
    """How many times the variance of a share is what independent listings would give; at least 1."""
    share, names = float(flags.mean()), np.array(brands)
    if share in (0.0, 1.0):
        return 1.0
    residuals = np.array([(flags[names == brand] - share).sum() for brand in np.unique(names)])
    count = len(residuals)
    if count < 2:
        return 1.0
    variance = count / (count - 1) * float((residuals**2).sum()) / len(flags) ** 2
    return max(1.0, variance / (share * (1 - share) / len(flags)))


def promised(listings: int, calibration: int, alpha: float) -> tuple[int, int] | None:
    """The 95% range of false flags among so many genuine listings that the promise allows; None where it makes none.

    The rate above the k-th largest of n calibration scores is Beta(k, n + 1 - k), so flags are beta-binomial.
    """
    k = allowed_rank(calibration, alpha)
    if k == 0 or listings == 0:
        return None
    low, high = stats.betabinom.ppf([0.025, 0.975], listings, k, calibration + 1 - k)
    return int(low), int(high)
