"""References of some brands only: whoever searches them is answered as if no other brand were enrolled."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from vision.errors import BrandUnknown
from vision.finding.neighbours import Neighbours, nearest_of
from vision.geometry.codebook import Codewords
from vision.recognition import References
from vision.template import Template


class Visible:
    """Implements `References` over another's, of which it searches brand after brand, exactly.

    No other brand's vector is compared with the query, so nothing of it can show in an answer. It takes time in
    the number of its own brands. Votes are asked of all, and are of each brand's own references alone: leaving others'
    out leaves nothing of them but the time that asking takes.
    """

    def __init__(self, references: References, brands: Collection[str]) -> None:
        self._references = references
        self._brands = tuple(brand for brand in references.brands if brand in brands)
        self._own = frozenset(self._brands)

    @property
    def version(self) -> str:
        """Identity of the whole set of references."""
        return self._references.version

    @property
    def brands(self) -> tuple[str, ...]:
        """Those of the brands that have references."""
        return self._brands

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest reference vectors of each query `[Q, D]`, of one of the brands or of all; `BrandUnknown`."""
        if brand is not None:
            self._require(brand)
            return self._references.nearest(queries, k, brand)
        return nearest_of([self._references.nearest(queries, k, each) for each in self._brands], len(queries), k)

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords give each of the brands, most first."""
        return {brand: given for brand, given in self._references.votes(asked).items() if brand in self._own}

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates; `BrandUnknown`."""
        self._require(brand)
        return self._references.templates(brand)

    def _require(self, brand: str) -> None:
        if brand not in self._own:
            raise BrandUnknown(f"brand {brand!r} has no references in gallery {self.version}; enrol some first")
