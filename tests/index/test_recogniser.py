"""The recogniser: through a base or not, it finds what is there and never what has left."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import knn, recogniser, shard
from index.gallery import Gallery
from index.hits import BruteForce
from index.manifest import Manifest
from index.recogniser import Base, Recogniser, fitting
from index.shard import MappedShard, Shard
from tests.index.conftest import House
from tests.index.pictures import additions, photo
from vision.errors import GalleryDamaged
from vision.photo import decode

WIDTH, EACH = 32, 60


@pytest.fixture(params=["hnsw", "ivf"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A base from 100 vectors on."""
    monkeypatch.setattr(knn, "FLAT_UP_TO", 100)
    monkeypatch.setattr(recogniser, "FLAT_UP_TO", 100)
    monkeypatch.setattr(knn, "HNSW_UP_TO", 10**9 if request.param == "hnsw" else 100)
    return str(request.param)


def made(folder: Path, brand: str, seed: int, rows: int = EACH) -> MappedShard:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=WIDTH) + 0.8 * rng.normal(size=(rows, WIDTH))
    unit = np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
    names = np.array([f"{seed:08x}{row:08x}" for row in range(rows)])
    return shard.write(Shard(brand, unit, names, ()), f"{seed:032x}", folder)


def some(folder: Path, count: int) -> list[MappedShard]:
    return [made(folder, f"brand{i:03}", i) for i in range(count)]


def near(shards: Sequence[MappedShard], rows: int = 40) -> NDArray[np.float32]:
    rng = np.random.default_rng(99)
    vectors = np.concatenate([each.vectors for each in shards])
    noisy = vectors[rng.integers(0, len(vectors), rows)] + 0.05 * rng.normal(size=(rows, WIDTH))
    return np.asarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True), np.float32)


def recall(searched: Recogniser, shards: Sequence[MappedShard], queries: NDArray[np.float32], k: int = 10) -> float:
    """Share of the true nearest that is found; what is found is truly there and truly that far."""
    vectors = np.concatenate([each.vectors for each in shards])
    ids = [(each.brand, name.decode()) for each in shards for name in each.references.tolist()]
    exact, found = BruteForce(vectors).search(queries, k), searched.nearest(queries, k)
    places, shares = {name: row for row, name in enumerate(ids)}, []
    for query, rows, brands, names, distances in zip(
        queries, exact.row, found.brand, found.reference, found.distance, strict=True
    ):
        held = [places[name] for name in zip(brands, names, strict=True)]
        np.testing.assert_allclose(1 - vectors[held] @ query, distances, atol=1e-5)
        shares.append(np.isin(rows, held).mean())
    return float(np.mean(shares))


def test_few_have_no_base_and_are_found_exactly(tmp_path: Path) -> None:
    shards = some(tmp_path, 5)
    assert fitting(shards, None, tmp_path) is None
    assert recall(Recogniser(shards, None), shards, near(shards)) == 1


def test_many_are_found_through_a_base(tmp_path: Path, small: str) -> None:
    shards = some(tmp_path, 40)
    base = fitting(shards, None, tmp_path)
    assert base is not None
    assert base.census.kind == small
    assert recall(Recogniser(shards, base), shards, near(shards)) > 0.95


def test_what_changes_needs_no_new_base(tmp_path: Path, small: str) -> None:
    shards = some(tmp_path, 40)
    base = fitting(shards, None, tmp_path)
    changed = [made(tmp_path, "brand007", 1007, EACH - 5), *(each for each in shards if each.brand != "brand007")]
    changed = [each for each in changed if each.brand != "brand011"]
    assert fitting(changed, base, tmp_path) is base
    searched = Recogniser(changed, base)
    for queries in (near(changed), near([changed[0]]), near([shards[7], shards[11]])):
        assert recall(searched, changed, queries) > 0.95


def test_a_base_is_written_anew_when_much_has_changed(tmp_path: Path, small: str) -> None:
    shards = some(tmp_path, 40)
    base = fitting(shards, None, tmp_path)
    grown = [*shards, *(made(tmp_path, f"more{i}", 500 + i) for i in range(6))]
    again = fitting(grown, base, tmp_path)
    assert base is not None
    assert again is not None
    assert again.rows == base.rows + 6 * EACH
    recogniser.sweep(tmp_path, again)
    assert sorted(path.name for path in (tmp_path / recogniser.FOLDER).iterdir()) == sorted(again.files)
    assert recall(Recogniser(shards, base), shards, near(shards)) > 0.95  # whoever has it open serves on


@pytest.mark.parametrize("what", [0, 1])
def test_a_damaged_base_is_never_opened(tmp_path: Path, small: str, what: int) -> None:
    base = fitting(some(tmp_path, 20), None, tmp_path)
    assert base is not None
    file = tmp_path / recogniser.FOLDER / base.files[what]
    data = file.read_bytes()
    for damaged in (data[:-10], data[:40] + bytes([data[40] ^ 1]) + data[41:], b""):
        file.write_bytes(damaged)
        with pytest.raises(GalleryDamaged):
            Base.open(base.name, tmp_path)
    file.unlink()
    with pytest.raises(GalleryDamaged):
        Base.open(base.name, tmp_path)


def test_a_gallery_with_a_base_is_built_changed_and_mended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (knn, recogniser):
        monkeypatch.setattr(module, "FLAT_UP_TO", 8)
    house.store.put_references("acme", additions(1, 2, first=2))
    assert house.build().base is not None
    house.store.withdraw("acme", house.store.references("acme")[0].id)
    changed = house.open_or_build()
    assert changed.base is not None
    query = house.embedder.embed([decode(photo(1)).pixels])
    assert changed.nearest(query, 1).brand[0, 0] == "acme"
    np.testing.assert_array_equal(
        changed.nearest(query, 3).reference,
        Gallery(Manifest.of(changed.shards, "any", 0, "layout"), changed.shards).nearest(query, 3).reference,
    )
    base = house.gallery_dir / recogniser.FOLDER / changed.base.files[1]
    base.write_bytes(base.read_bytes()[:-1])
    with pytest.raises(GalleryDamaged):
        house.load()
    mended = house.open_or_build()
    assert mended.base is not None
    assert mended.version == house.load().version == changed.version
