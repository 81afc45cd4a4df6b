"""Validation: a small retrieval task on brands never learned from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.config import Stage
from training.data.batch import Batch
from training.data.photographs import Photographs

_REFERENCES = 4
_VIEWS = 8  # of a brand: references, genuine queries, and one forged


@dataclass(frozen=True, eq=False)
class Validation:
    """References and queries, the same at each call."""

    batch: Batch
    is_reference: NDArray[np.bool_]  # [B]


def validation(photographs: Photographs, brand_count: int, size_px: int) -> Validation:
    """Four references, three genuine queries and one forged query of each validation brand."""
    rng = np.random.default_rng(20_240_501)
    stage = Stage(input_px=size_px, until_share=1)
    batch = photographs.photograph(np.arange(brand_count), _VIEWS, 1, stage, rng)
    views = np.tile(np.arange(_VIEWS), brand_count)
    return Validation(batch, views < _REFERENCES)
