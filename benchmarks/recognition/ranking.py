"""Ranking: what each query finds among the references. Q queries, N references."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.retrieval import average_precisions


@dataclass(frozen=True, eq=False)
class Ranked:
    """What became of the queries."""

    nearer: NDArray[np.int64]  # [Q] brands nearer than its own; all of them where its own is not enrolled
    precision: NDArray[np.float64]  # [Q] average precision of its own brand's references; nan without any
    nearest: NDArray[np.int64]  # [Q] the nearest reference
    own: NDArray[np.int64]  # [Q] the nearest of its own brand, -1 without any
    similarity: NDArray[np.float64]  # [Q] cosine to the nearest
    own_similarity: NDArray[np.float64]  # [Q] cosine to its own nearest, -inf without any


def ranked(
    cosine: NDArray[np.float32],
    queries: Sequence[str],
    references: Sequence[str],
    barred: NDArray[np.bool_] | None = None,
) -> Ranked:
    """Rank by cosine `[Q, N]`, brands of queries and references given; `barred` [Q, N] are not compared."""
    near = cosine.astype(np.float64) if barred is None else np.where(barred, -np.inf, cosine)
    names, reference_names = np.array(queries), np.array(references)
    relevant = (names[:, None] == reference_names[None]) & np.isfinite(near)
    own = np.where(relevant, near, -np.inf)
    brands = np.stack([near[:, reference_names == brand].max(1) for brand in np.unique(reference_names)], 1)
    return Ranked(
        nearer=np.asarray((brands > own.max(1)[:, None]).sum(1), np.int64),
        precision=average_precisions(near, relevant),
        nearest=near.argmax(1),
        own=np.where(relevant.any(1), own.argmax(1), -1),
        similarity=near.max(1),
        own_similarity=own.max(1),
    )
