"""A gallery with some brands as they were answers as one that was built when they were."""

import numpy as np
import pytest

from index.parts import builder_of
from index.staged import Staged
from tests.index.conftest import House
from tests.index.pictures import additions
from tests.index.test_gallery import codewords
from vision.errors import BrandUnknown


def staged(house: House, old: list[str]) -> Staged:
    current = builder_of("gallery", house.store, house.embedder, house.folder).current()
    baselines = builder_of("baselines", house.store, house.embedder, house.folder).current()
    return Staged(current, baselines, old, sum(map(current.vectors_of, old)))


def test_it_searches_as_the_gallery_of_then(house: House) -> None:
    before = house.load()
    house.store.rollouts.put("acme", 0.5)
    house.store.put_references("acme", additions(1, 2, first=2))
    house.store.put_references("acme", additions(7))
    queries = np.random.default_rng(0).normal(size=(20, house.embedder.dim)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    now = staged(house, ["acme"])
    for brand in (None, "acme", "zenith"):
        found, expected = (each.nearest(queries, 6, brand) for each in (now, before))
        np.testing.assert_array_equal(found.reference, expected.reference)
        np.testing.assert_array_equal(found.brand, expected.brand)
        np.testing.assert_allclose(found.distance, expected.distance, atol=1e-6)
    assert [t.reference_ids for t in now.templates("acme")] == [t.reference_ids for t in before.templates("acme")]
    for seed in (1, 7):
        assert now.votes(codewords(seed)) == pytest.approx(before.votes(codewords(seed)))
    assert now.brands == before.brands
    assert now.version not in (before.version, house.load().version)


def test_a_brand_without_a_baseline_left_is_not_there(house: House) -> None:
    house.store.rollouts.put("acme", 0.5)
    house.store.withdraw_all("acme")
    house.store.put_references("acme", additions(7))
    now = staged(house, ["acme"])
    assert "acme" not in now.brands
    queries = np.eye(3, house.embedder.dim, dtype=np.float32)
    assert "acme" not in now.nearest(queries, 50).brand
    for ask in (lambda: now.templates("acme"), lambda: now.nearest(queries, 1, "acme")):
        with pytest.raises(BrandUnknown):
            ask()


def test_what_the_other_gallery_has_is_not_made_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A roll-out begins as the set is, and an abandoned one ends as the baseline is, however large they are."""
    house.store.rollouts.put("acme", 0.5)
    with monkeypatch.context() as forbidding:
        forbidding.setattr(house.embedder, "embed", None)
        builder_of("baselines", house.store, house.embedder, house.folder).current()
    house.store.put_references("acme", additions(7))
    staged(house, ["acme"])
    house.store.rollouts.abandon("acme")
    with monkeypatch.context() as forbidding:
        forbidding.setattr(house.embedder, "embed", None)
        assert builder_of("gallery", house.store, house.embedder, house.folder).current().brands
