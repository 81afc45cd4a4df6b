"""Leave out: a gallery as it would be without some of one brand's references, to hold those against the rest."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from vision.finding.inverted import InvertedFile, instead
from vision.finding.neighbours import Neighbours
from vision.geometry import codebook
from vision.geometry.codebook import Codewords
from vision.photo import Photo
from vision.recognition import References
from vision.references import enrolment
from vision.template import Template

_VECTORS_A_REFERENCE = 2  # its whole photo, and the crop of its mark


class LeaveOut:
    """Implements `vision.recognition.References`: all other brands as they are, one enrolled from fewer photos."""

    def __init__(
        self, whole: References, brand: str, held_out: Collection[str], rest: Sequence[tuple[str, Photo]]
    ) -> None:
        self._whole, self._brand, self._held_out = whole, brand, np.array(sorted(held_out), object)
        self._templates = enrolment.build(rest)
        self._rest = InvertedFile.of_templates({brand: self._templates}, codebook.carried())

    @property
    def version(self) -> str:
        """Identity of this set."""
        return f"{self._whole.version} less {len(self._held_out)} of {self._brand}"

    @property
    def brands(self) -> tuple[str, ...]:
        """Brand ids, all of them."""
        return self._whole.brands

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest vectors of each query `[Q, D]` that are not held out; `BrandUnknown`."""
        spare = _VECTORS_A_REFERENCE * len(self._held_out)
        found = self._whole.nearest(queries, k + spare, brand)  # [Q, K + spare]
        out = (found.brand == self._brand) & np.isin(found.reference, self._held_out)
        kept = np.argsort(out, axis=1, kind="stable")[:, :k]  # [Q, K]
        row = np.arange(len(queries))[:, None]
        return Neighbours(found.distance[row, kept], found.reference[row, kept], found.brand[row, kept])

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords give each brand, most first."""
        return instead(self._whole.votes(asked), [self._brand], self._rest.votes(asked))

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates; `BrandUnknown`."""
        return self._templates if brand == self._brand else self._whole.templates(brand)
