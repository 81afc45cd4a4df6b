"""The inverted file: a photo's features vote for the brands whose references show the like."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.fakes import InMemoryReferences
from tests.vision.scenes import artwork_of, photo_of, template_of
from vision.finding.inverted import FEATURES, NEAREST, InvertedFile, entries, instead, most_first
from vision.geometry.codebook import Codebook, Codewords, carried
from vision.geometry.features import extract

SEEDS = {"acme": 9_000_001, "bolt": 9_000_008, "crest": 9_000_003}


@pytest.fixture(scope="module")
def references() -> InMemoryReferences:
    return InMemoryReferences(SEEDS)


def asked(seed: int) -> Codewords:
    return carried().words(extract(photo_of(artwork_of(seed), 21).pixels).descriptors, NEAREST)


@pytest.mark.parametrize("brand", SEEDS)
def test_features_speak_most_for_the_brand_whose_mark_they_show(references: InMemoryReferences, brand: str) -> None:
    votes = references.votes(asked(SEEDS[brand]))
    assert next(iter(votes)) == brand
    assert list(votes.values()) == sorted(votes.values(), reverse=True)


def test_what_a_brand_is_given_is_of_its_own_references_alone(references: InMemoryReferences) -> None:
    alone = InvertedFile.of_templates({"bolt": references.templates("bolt")}, carried()).votes(asked(SEEDS["acme"]))
    assert alone == {"bolt": pytest.approx(references.votes(asked(SEEDS["acme"]))["bolt"])}


def book(words: int) -> Codebook:
    """Centres that are words in name only."""
    rarity = np.arange(1, words + 1, dtype=np.float32)
    return Codebook(np.zeros((words, 128), np.float32), np.zeros((64, 128), np.float32), rarity)


def words(word: list[list[int]], signature: list[list[int]] | None = None) -> Codewords:
    named: NDArray[np.uint16] = np.array(word, np.uint16)
    signed = np.zeros(named.shape, np.uint64) if signature is None else np.array(signature, np.uint64)
    return Codewords(named, signed)


def test_a_codeword_gives_a_brand_its_best_entry_once() -> None:
    file = InvertedFile.of({"a": words([[0], [0], [2]]), "b": words([[1]])}, book(3))
    assert file.votes(words([[0, 2]])) == {"a": 3.0}
    assert file.votes(words([[0, 1], [2, 1]])) == {"a": 4.0, "b": 4.0}


def test_the_more_signatures_differ_the_less_a_codeword_gives_and_at_last_nothing() -> None:
    bits = {"near": 2**3 - 1, "far": 2**12 - 1, "off": 2**40 - 1}
    file = InvertedFile.of({brand: words([[0]], [[signature]]) for brand, signature in bits.items()}, book(1))
    votes = file.votes(words([[0]]))
    assert list(votes) == ["near", "far"]


def test_where_nothing_is_entered_or_asked_there_is_no_vote() -> None:
    none = Codewords(np.zeros((0, 1), np.uint16), np.zeros((0, 1), np.uint64))
    assert InvertedFile.of({}, book(2)).votes(words([[1]])) == {}
    assert InvertedFile.of({"a": none}, book(2)).votes(words([[1]])) == {}
    assert InvertedFile.of({"a": words([[1]])}, book(2)).votes(none) == {}


def test_a_brand_is_entered_with_no_more_than_so_many_features() -> None:
    template = template_of(SEEDS["acme"], 2)
    assert len(entries([template], carried())) == min(FEATURES, len(template.features[0]))
    assert len(entries([], carried())) == 0


def test_some_brands_votes_may_be_others_instead() -> None:
    assert list(instead({"a": 1.0, "b": 3.0}, {"b", "c"}, {"a": 9.0, "c": 2.0}).items()) == [("c", 2.0), ("a", 1.0)]


def test_votes_are_ordered_by_what_they_give() -> None:
    assert list(most_first({"a": 1.0, "b": 3.0, "c": 1.0})) == ["b", "a", "c"]
