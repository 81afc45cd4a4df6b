"""A gallery less some references answers as one that was built without them, at once."""

import numpy as np
import pytest

from index.without import Without
from tests.index.conftest import BRANDS, VIEWS, House
from tests.index.test_gallery import codewords
from vision.errors import BrandUnknown


def ids_of(house: House, brand: str) -> list[str]:
    return [reference.id for reference in house.store.references(brand)]


def test_it_searches_as_a_gallery_built_without_them(house: House) -> None:
    first, second = ids_of(house, "acme")
    whole = house.load()
    less = Without(whole, {("acme", first)})
    house.store.switches.off("acme", first)
    built = house.build()
    queries = np.random.default_rng(0).normal(size=(20, house.embedder.dim)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    # The crop of the mark that stays may differ, so whole photos are compared: each reference's best vector.
    found, expected = (each.nearest(queries, 2 * (3 * VIEWS - 1)) for each in (less, built))
    for row in range(len(queries)):
        assert set(found.reference[row]) == set(expected.reference[row])
    assert first not in found.reference
    assert {i for t in less.templates("acme") for i in t.reference_ids} == {second}
    asked = codewords(BRANDS["acme"])
    assert 0 < less.votes(asked)["acme"] < whole.votes(asked)["acme"]  # less of its first reference, which is entered
    assert less.votes(asked).get("zenith") == whole.votes(asked).get("zenith")
    assert less.brands == whole.brands
    assert less.version != whole.version
    others = [each.nearest(queries, 2, "zenith").reference.tolist() for each in (less, whole)]
    assert others[0] == others[1]


def test_a_brand_of_which_nothing_is_left_is_not_there(house: House) -> None:
    whole = house.load()
    less = Without(whole, {("acme", i) for i in ids_of(house, "acme")} | {("nobody", "0" * 16)})
    assert less.brands == tuple(brand for brand in whole.brands if brand != "acme")
    queries = np.eye(3, house.embedder.dim, dtype=np.float32)
    found = less.nearest(queries, 50)
    assert "acme" not in found.brand
    assert "acme" not in less.votes(codewords(BRANDS["acme"]))
    assert not np.isfinite(found.distance[found.brand == ""]).any()
    for ask in (lambda: less.templates("acme"), lambda: less.nearest(queries, 1, "acme")):
        with pytest.raises(BrandUnknown):
            ask()
