"""Brands that lie farther: glanced at where none of the nearest is believed, and only then."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.fakes import ColourEmbedder, InMemoryReferences, plain_scorer
from tests.vision.scenes import artwork_of, photo_of, references_of
from vision.finding import placer
from vision.policy import Policy
from vision.recognition import Recogniser, Recognition

ACME, BOLT, STRANGER = 9_000_001, 9_000_008, 9_000_002
ONE = Policy(candidate_brands=1, second_looks=0, sought=0)


class Mistaken:
    """Sees BOLT in every photo."""

    fingerprint = "mistaken"
    dim = ColourEmbedder.dim

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        _, photo = references_of(BOLT)[0]
        return ColourEmbedder().embed([photo.pixels] * len(images))


@pytest.fixture(scope="module")
def references() -> InMemoryReferences:
    return InMemoryReferences({"acme": ACME, "bolt": BOLT})


def recognised(references: InMemoryReferences, seed: int, policy: Policy) -> list[Recognition]:
    recogniser = Recogniser(Mistaken(), references, plain_scorer(), policy)
    return [r for r in recogniser.recognise(photo_of(artwork_of(seed), 21)) if r.recognition > 0]


def test_a_mark_is_recognised_that_the_embedder_takes_for_anothers(references: InMemoryReferences) -> None:
    assert recognised(references, ACME, Policy(candidate_brands=1, farther_brands=0, second_looks=0, sought=0)) == []
    (found,) = recognised(references, ACME, ONE)
    assert found.brand == "acme"
    assert found.look.spot is None


def test_none_is_tried_in_full_without_votes_or_beyond_the_policy(references: InMemoryReferences) -> None:
    assert recognised(references, STRANGER, ONE) == []
    assert recognised(references, ACME, Policy(candidate_brands=1, voted_brands=0, second_looks=0, sought=0)) == []


def test_a_photo_whose_mark_is_believed_costs_no_glance(
    references: InMemoryReferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(placer, "GLANCED")
    (found,) = recognised(references, BOLT, ONE)
    assert found.brand == "bolt"
