"""Row: what one method scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OURS = "ours"


@dataclass(frozen=True, eq=False)
class Row:
    """A method's scores of the listings of `Ours.of_brands`, in their order; larger is less like the genuine."""

    method: str
    about: str
    scores: NDArray[np.float64]  # [L]
    seconds: float  # a listing, median; what it shares with ours (alignment, embedding) not counted
    family: str  # of rows that differ in what they look at alone
    whole_photo: bool = False  # whether it looks at the whole photo
