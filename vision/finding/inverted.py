"""The inverted file: which brands' references show the codewords that a photo shows, all brands asked at once.

The embedder sees a mark as a whole and puts it among others that look alike; a mark's details are its own. So features
vote for the brands whose references have the like. What a brand is given depends on its own references alone, so that
votes of several files may be laid side by side, and a brand left out is as if it were not enrolled.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vision.geometry.codebook import Codebook, Codewords
from vision.template import Template

VERSION = "1"  # of what is entered, the codebook aside: raise it and galleries are built anew

TEMPLATES = 8  # of a brand that are entered, the largest
FEATURES = 400  # of a template, those of its first reference
NEAREST = 3  # centres that a photo's descriptor is taken to; a reference's is entered at one
MOST_BITS = 20  # of a signature that may differ: unrelated descriptors differ in 32
TOLERANCE_BITS = 10.0  # at which a vote has fallen to 1 / e

_BLOCK = 32_768  # entries met together
_NOTHING = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float64)
_NONE = Codewords(np.zeros((0, 1), np.uint16), np.zeros((0, 1), np.uint64))


def entries(templates: Sequence[Template], codebook: Codebook) -> Codewords:
    """What a brand is entered with: codewords `[V, 1]` of its templates' first references."""
    found = [template.features[0].descriptors[:FEATURES] for template in templates[:TEMPLATES]]
    return codebook.words(np.concatenate(found), 1) if found else _NONE


def most_first(votes: Mapping[str, float]) -> dict[str, float]:
    """Votes in the order of what they give; of equals the first."""
    return dict(sorted(votes.items(), key=lambda one: -one[1]))


def instead(votes: Mapping[str, float], brands: Collection[str], others: Mapping[str, float]) -> dict[str, float]:
    """Votes, but for some brands those that others give them, most first."""
    kept = {brand: given for brand, given in votes.items() if brand not in brands}
    return most_first(kept | {brand: given for brand, given in others.items() if brand in brands})


@dataclass(frozen=True, eq=False)
class InvertedFile:
    """The entries of `B` brands, by word."""

    brands: tuple[str, ...]  # B
    codebook: Codebook
    brand: NDArray[np.int32]  # [V] number of the brand of each entry
    signature: NDArray[np.uint64]  # [V]
    ends: NDArray[np.int64]  # [W + 1] where the entries of each word begin, and the last end

    @classmethod
    def of(cls, entered: Mapping[str, Codewords], codebook: Codebook) -> Self:
        """Of the entries of some brands."""
        sizes = [len(words) for words in entered.values()]
        word = np.concatenate([words.word[:, 0] for words in (_NONE, *entered.values())])
        signature = np.concatenate([words.signature[:, 0] for words in (_NONE, *entered.values())])
        order = np.argsort(word, kind="stable")
        brand = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
        ends = np.searchsorted(word[order], np.arange(len(codebook.centres) + 1))
        return cls(tuple(entered), codebook, brand, signature[order], ends)

    @classmethod
    def of_templates(cls, templates: Mapping[str, Sequence[Template]], codebook: Codebook) -> Self:
        """Of the templates of some brands."""
        return cls.of({brand: entries(found, codebook) for brand, found in templates.items()}, codebook)

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords `[F, M]` give each brand, most first; brands without a vote are left out.

        A codeword gives a brand what its best entry there is worth: the rarity of the word, less the more their
        signatures differ.
        """
        blocks = [self._met(asked, start, start + self._together) for start in range(0, len(asked), self._together)]
        asker, entry, worth = (np.concatenate(parts) for parts in zip(*blocks, strict=True)) if blocks else _NOTHING
        pair = asker * len(self.brands) + self.brand[entry]
        order = np.lexsort((-worth, pair))
        best = order[np.diff(pair[order], prepend=-1) > 0]  # of each codeword at each brand
        given = np.bincount(self.brand[entry[best]], worth[best], len(self.brands))
        return most_first({self.brands[index]: float(given[index]) for index in np.flatnonzero(given)})

    def _met(
        self, asked: Codewords, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Some of the codewords with each entry that is like them: number of either, and what it is worth."""
        word = asked.word[first:end].ravel().astype(np.int64)
        start, length = self.ends[word], self.ends[word + 1] - self.ends[word]
        place = np.repeat(np.arange(len(word)), length)
        entry = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length - start, length)
        differ = np.bitwise_count(self.signature[entry] ^ asked.signature[first:end].ravel()[place])
        like = differ <= MOST_BITS
        place, entry, differ = place[like], entry[like], differ[like]
        worth = self.codebook.rarity[word[place]] * np.exp(-((differ / TOLERANCE_BITS) ** 2))
        return first + place // asked.word.shape[1], entry, np.asarray(worth, np.float64)

    @property
    def _together(self) -> int:
        """Codewords met together: what is held at once stays in the processor's cache, however long lists are."""
        return max(1, _BLOCK // (NEAREST * max(1, len(self.brand) // len(self.codebook.rarity))))
