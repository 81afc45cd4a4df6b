"""Plain retrieval: how well vectors alone tell brands apart. Q queries, N references, D dimensions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Retrieval:
    """Shares 0..1 of the queries."""

    recall_at_1: float
    recall_at_5: float  # the brand is among the five nearest brands


def retrieval(
    queries: NDArray[np.float32],
    query_brand: NDArray[np.int64],
    references: NDArray[np.float32],
    reference_brand: NDArray[np.int64],
) -> Retrieval:
    """Rank brands by their nearest reference to each unit query vector `[Q, D]`."""
    ranks = brand_ranks(queries, query_brand, references, reference_brand)
    return Retrieval(float((ranks < 1).mean()), float((ranks < 5).mean()))


def brand_ranks(
    queries: NDArray[np.float32],
    query_brand: NDArray[np.int64],
    references: NDArray[np.float32],
    reference_brand: NDArray[np.int64],
) -> NDArray[np.int64]:
    """How many brands lie nearer to each query than its own: `[Q]`, 0 is best."""
    brands = np.unique(reference_brand)
    cosine = queries @ references.T  # [Q, N]
    nearest = np.stack([cosine[:, reference_brand == brand].max(1) for brand in brands], 1)  # [Q, brands]
    own = nearest[np.arange(len(queries)), np.searchsorted(brands, query_brand)]
    return np.asarray((nearest > own[:, None]).sum(1), np.int64)


def own_nearness(
    queries: NDArray[np.float32],
    query_brand: NDArray[np.int64],
    references: NDArray[np.float32],
    reference_brand: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Cosine of each query to the nearest reference of its own brand: `[Q]`."""
    own = query_brand[:, None] == reference_brand[None]
    return np.asarray(np.where(own, queries @ references.T, -1).max(1), np.float32)


def separation(genuine: NDArray[np.float32], forged: NDArray[np.float32]) -> float:
    """Probability that a genuine view lies nearer to its references than a forged one (AUROC of cosines)."""
    higher = (genuine[:, None] > forged[None]).mean() + 0.5 * (genuine[:, None] == forged[None]).mean()
    return float(higher)


def average_precisions(cosine: NDArray[np.floating[Any]], relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Average precision of each query `[Q]` over references ranked by cosine `[Q, N]`; nan where none is relevant.

    The mean share of relevant references among those ranked up to each relevant one (not interpolated).
    """
    order = np.argsort(-cosine, axis=1, kind="stable")
    hits = np.take_along_axis(relevant, order, axis=1)  # [Q, N] best first
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    count = hits.sum(1)
    return np.where(count > 0, (precision * hits).sum(1) / np.maximum(count, 1), np.nan)
