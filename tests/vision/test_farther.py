"""Brands that the embedder puts farther: tried where features speak for them, and only where it must be."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision import fakes
from tests.vision.fakes import ColourEmbedder, InMemoryReferences, plain_scorer
from tests.vision.finding.test_second_look import Finds, scene
from tests.vision.scenes import artwork_of, photo_of, references_of
from vision.finding import placer
from vision.measures.divergence import MEASURES
from vision.photo import Photo
from vision.policy import Policy
from vision.recognition import FAR, Recogniser, Recognition
from vision.regions.detector import MarkDetector

ACME, BOLT, STRANGER = 9_000_001, 9_000_008, 9_000_002
ONE = Policy(candidate_brands=1, neighbours=1, second_looks=0, sought=0)
UNASKED = Policy(candidate_brands=1, neighbours=1, voted_brands=0, voted_there=0)


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


def recognised(
    references: InMemoryReferences, photo: Photo, policy: Policy, detector: MarkDetector | None = None
) -> list[Recognition]:
    return fakes.recognised(references, photo, policy, detector, Mistaken())


def shown(seed: int) -> Photo:
    return photo_of(artwork_of(seed), 21)


def test_a_mark_is_recognised_that_the_embedder_takes_for_anothers(references: InMemoryReferences) -> None:
    assert recognised(references, shown(ACME), UNASKED) == []
    (found,) = recognised(references, shown(ACME), ONE)
    assert (found.brand, found.look.voted[0]) == ("acme", "acme")
    assert found.look.spot is None


def test_how_far_a_brand_lies_is_measured_also_where_others_hide_it(references: InMemoryReferences) -> None:
    (found,) = recognised(references, shown(ACME), ONE)
    assert "acme" not in found.look.distances
    assert found.divergence is not None
    far = found.divergence.measures[MEASURES.index("embedding_photo")]
    embedded = Mistaken().embed([shown(ACME).pixels])
    assert far == pytest.approx(references.nearest(embedded, 1, "acme").distance[0, 0], abs=1e-5)
    assert far < FAR


def test_from_nearer_a_small_mark_is_asked_what_its_features_speak_for(references: InMemoryReferences) -> None:
    photo, box = scene(ACME, 40)
    assert recognised(references, photo, UNASKED, Finds(box)) == []
    there = Policy(candidate_brands=1, neighbours=1, voted_brands=0, voted_there=1)
    (found,) = recognised(references, photo, there, Finds(box))
    assert (found.brand, found.look.voted) == ("acme", ("acme",))
    assert found.look.spot is not None


def test_whoever_was_named_is_remembered_though_none_is_found(references: InMemoryReferences) -> None:
    recogniser = Recogniser(Mistaken(), references, plain_scorer(recognised_above=99.0), ONE)
    found = recogniser.recognise(shown(ACME))
    assert found
    assert all("acme" in r.look.voted and r.recognition <= 0 for r in found)


def test_a_strangers_mark_stays_unrecognised(references: InMemoryReferences) -> None:
    assert recognised(references, shown(STRANGER), ONE) == []


def test_a_photo_whose_mark_is_believed_is_not_asked(
    references: InMemoryReferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(placer, "carried")
    (found,) = recognised(references, shown(BOLT), ONE)
    assert found.brand == "bolt"
