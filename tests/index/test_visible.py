"""What an organisation's search gives is what a gallery of its brands alone would give."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import isolation
from index.gallery import Gallery
from index.manifest import Manifest
from index.visible import Visible
from tests.index.conftest import House
from tests.index.test_gallery import codewords
from vision.errors import BrandUnknown
from vision.finding.neighbours import Neighbours

OWN = (3, 4, 11)


@pytest.fixture(scope="module")
def galleries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Visible, Gallery]:
    """Seen through its own brands, and made of them alone."""
    folder: Path = tmp_path_factory.mktemp("gallery")
    rng = np.random.default_rng(0)
    whole, vectors = isolation.made(20, 5, rng, folder)
    shards = [isolation.shard_of(number, vectors[number], folder) for number in OWN]
    alone = Gallery(Manifest.of(shards, "store", 1, "random"), shards)
    return Visible(whole, [isolation.name_of(number) for number in OWN]), alone


@pytest.mark.parametrize("k", [1, 7, 40])
def test_an_organisations_search_is_that_of_a_gallery_of_its_own(galleries: tuple[Visible, Gallery], k: int) -> None:
    visible, alone = galleries
    queries = isolation.unit(np.random.default_rng(1).standard_normal((50, isolation.DIM), np.float32))
    seen, expected = visible.nearest(queries, k), alone.nearest(queries, k)
    assert seen.brand.tolist() == expected.brand.tolist()
    assert seen.reference.tolist() == expected.reference.tolist()
    np.testing.assert_allclose(seen.distance, expected.distance, atol=1e-6)
    assert visible.brands == alone.brands


def test_another_brand_is_as_none(galleries: tuple[Visible, Gallery]) -> None:
    visible, _ = galleries
    query = np.zeros((1, isolation.DIM), np.float32)
    for brand in (isolation.name_of(5), "nobody"):
        with pytest.raises(BrandUnknown):
            visible.nearest(query, 1, brand)
        with pytest.raises(BrandUnknown):
            visible.templates(brand)


def test_votes_for_others_are_left_out(house: House) -> None:
    whole = house.load()
    asked = codewords(1)
    assert set(whole.votes(asked)) > {"acme"}
    assert Visible(whole, ["acme"]).votes(asked) == {"acme": whole.votes(asked)["acme"]}


def test_an_organisation_without_references_finds_nothing(galleries: tuple[Visible, Gallery]) -> None:
    nothing = Visible(galleries[1], ["nobody"])
    assert nothing.brands == ()
    assert nothing.nearest(np.zeros((2, isolation.DIM), np.float32), 3).brand.tolist() == [[""] * 3] * 2


def test_restricted_searches_name_no_other_brands_references(capsys: pytest.CaptureFixture[str]) -> None:
    """A small one of the million that docs/tenants.md tells of."""
    assert isolation.main(["--queries", "20000", "--brands", "60", "--references", "6"]) == 0
    assert capsys.readouterr().out.count(" 0 of others") == 2


def test_a_leak_would_be_counted() -> None:
    found = Neighbours(
        np.zeros((1, 3), np.float32),
        np.array([["000001-000000", "000002-000000", ""]], np.object_),
        np.array([[isolation.name_of(1), isolation.name_of(1), ""]], np.object_),
    )
    assert isolation.judged(found, {1}) == (2, 1)
