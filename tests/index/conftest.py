"""A store with one brand; and a data folder with three and its gallery, built once and copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index import build
from index.gallery import Gallery
from index.store import Place, Store
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import additions

BRANDS = {"acme": 1, "bolt & co": 2, "zenith": 3}  # brand -> the mark it shows
VIEWS = 2  # photos of each


@dataclass(frozen=True)
class House:
    """A data folder, open."""

    folder: Path
    store: Store
    embedder: LayoutEmbedder

    @property
    def gallery_dir(self) -> Path:
        return self.folder / "gallery"

    def load(self) -> Gallery:
        return Gallery.load(self.gallery_dir, self.embedder.fingerprint)

    def build(self) -> Gallery:
        return build.build(self.store, self.embedder, self.gallery_dir)

    def open_or_build(self) -> Gallery:
        return build.open_or_build(self.store, self.embedder, self.gallery_dir)

    def shards(self) -> list[Path]:
        return sorted((self.gallery_dir / "shards").iterdir())


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """With the brand `acme`, on each kind of database."""
    opened = Store.at(place)
    opened.put_brand("acme")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    store = Store.open(folder)
    for brand, seed in BRANDS.items():
        store.put_brand(brand)
        store.put_references(brand, additions(seed, VIEWS))
    build.build(store, LayoutEmbedder(), folder / "gallery")
    store.close()
    return folder


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "data"
    shutil.copytree(furnished, folder)
    store = Store.open(folder)
    yield House(folder, store, LayoutEmbedder())
    store.close()
