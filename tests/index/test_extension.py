"""References that join a brand cost what they change, and the shard is byte for byte that of a build of all of them."""

from pathlib import Path

import pytest

from index import build
from index.build import GalleryBuilder
from index.reference_set import Addition
from index.store import Store
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import additions
from vision.references import grouping
from vision.references.extension import LEAST


def first() -> list[Addition]:
    """References of two marks, one of them with room for more."""
    return [*additions(1, LEAST), *additions(2, 3)]


def shard_of(directory: Path, references: list[list[Addition]], embedder: LayoutEmbedder) -> tuple[str, list[int]]:
    """The file that a brand comes to when these join one after the other, and what each build embedded."""
    store = Store.open(directory)
    builder, embedded = GalleryBuilder(store, embedder, directory / "gallery"), []
    store.put_brand("acme")
    for some in references:
        store.put_references("acme", some)
        before = embedder.embedded
        (made,) = builder.build().gallery.shards
        embedded.append(embedder.embedded - before)
    store.close()
    return made.file, embedded


@pytest.mark.parametrize(
    ("more", "embedded"),
    [
        (additions(2, 1, first=3), 1 + 4),  # joins a mark that has room: its template is made anew
        ((*additions(1, 5, first=LEAST), *additions(3, 2)), 7 + 16 + 2),  # fills one, is one too many, founds another
    ],
    ids=["joins", "fills and founds"],
)
def test_what_joins_makes_the_shard_of_all(more: tuple[Addition, ...], embedded: int, tmp_path: Path) -> None:
    grown, spent = shard_of(tmp_path / "grown", [first(), list(more)], LayoutEmbedder())
    whole, _ = shard_of(tmp_path / "whole", [[*first(), *more]], LayoutEmbedder())
    assert grown == whole
    assert spent[1] == embedded


def test_one_beyond_a_full_mark_costs_itself(tmp_path: Path) -> None:
    full = [list(additions(1, grouping.MAX_STACK)), list(additions(1, 1, first=grouping.MAX_STACK))]
    grown, spent = shard_of(tmp_path / "grown", full, LayoutEmbedder())
    assert spent[1] == 1
    assert grown == shard_of(tmp_path / "whole", [[*full[0], *full[1]]], LayoutEmbedder())[0]


def test_where_one_left_as_well_all_is_made_anew(tmp_path: Path) -> None:
    store, embedder = Store.open(tmp_path), LayoutEmbedder()
    store.put_brand("acme")
    store.put_references("acme", first())
    builder = GalleryBuilder(store, embedder, tmp_path / "gallery")
    builder.build()
    gone = store.references("acme")[3].id
    store.put_references("acme", additions(3))
    store.withdraw("acme", gone)
    assert gone.encode() not in builder.build().gallery.shards[0].references
    assert build.open_or_build(store, embedder, tmp_path / "gallery").unreadable == ()
    store.close()
