"""Without: a gallery as it is, less some references, ready at once while a gallery without them is built."""

import hashlib
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vision.errors import BrandUnknown
from vision.finding.inverted import InvertedFile, instead
from vision.finding.neighbours import Neighbours
from vision.geometry import codebook
from vision.geometry.codebook import Codewords
from vision.recognition import References
from vision.template import Template

Gone = AbstractSet[tuple[str, str]]  # brand and id of references
_VECTORS_A_REFERENCE = 2  # its whole photo, and the crop of its mark
_MOST_SPARE = 1000  # vectors searched beyond those asked for


class Without:
    """Implements `vision.recognition.References`. Outlines of marks are still those that the others helped to draw."""

    def __init__(self, whole: References, gone: Gone) -> None:
        self._whole = whole
        self._gone = {brand: {i for b, i in gone if b == brand} for brand in {b for b, _ in gone} & set(whole.brands)}
        self._rest = {brand: self._left_of(brand) for brand in self._gone}
        self._brands = tuple(brand for brand in whole.brands if self._rest.get(brand, True))
        self._version = f"{whole.version}-{_named(gone)}"

    @property
    def version(self) -> str:
        """Identity of this set: of the whole, and of what is left out."""
        return self._version

    @property
    def brands(self) -> tuple[str, ...]:
        """Brand ids with at least one reference left."""
        return self._brands

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest vectors of each query `[Q, D]` among those left; `BrandUnknown`."""
        if brand is not None and brand not in self._gone:
            return self._whole.nearest(queries, k, brand)
        self._require(brand)
        spare = min(_MOST_SPARE, _VECTORS_A_REFERENCE * sum(map(len, self._gone.values())))
        found = self._whole.nearest(queries, k + spare, brand)  # [Q, K + spare]
        return found.without(self._is_gone(found), k)

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords give each brand, of the references left, most first."""
        return instead(self._whole.votes(asked), self._gone, self._inverted.votes(asked))

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates, of the references left; `BrandUnknown`."""
        self._require(brand)
        return self._rest[brand] if brand in self._rest else self._whole.templates(brand)

    @cached_property
    def _inverted(self) -> InvertedFile:
        """Of the brands that lost references; filled when it is first asked, as nobody may wait for a withdrawal."""
        return InvertedFile.of_templates(self._rest, codebook.carried())

    def _left_of(self, brand: str) -> tuple[Template, ...]:
        rest = ((template, self._kept_in(template, brand)) for template in self._whole.templates(brand))
        return tuple(template.of(kept) for template, kept in rest if len(kept))

    def _kept_in(self, template: Template, brand: str) -> NDArray[np.intp]:
        ids = template.reference_ids
        return np.array([i for i, reference in enumerate(ids) if reference not in self._gone[brand]], np.intp)

    def _is_gone(self, found: Neighbours) -> NDArray[np.bool_]:
        """Whether each hit `[Q, K]` is of a reference that is gone, or of a brand that has none left."""
        gone = np.zeros(found.brand.shape, np.bool_)
        for brand, ids in self._gone.items():
            gone |= (found.brand == brand) & (np.isin(found.reference, sorted(ids)) | (not self._rest[brand]))
        return gone

    def _require(self, brand: str | None) -> None:
        if brand is not None and brand in self._rest and not self._rest[brand]:
            raise BrandUnknown(f"brand {brand!r} has no references left in gallery {self.version}; enrol some first")


def _named(gone: Gone) -> str:
    """A short name for what is gone."""
    return hashlib.sha256("\n".join(f"{b}/{i}" for b, i in sorted(gone)).encode()).hexdigest()[:8]
