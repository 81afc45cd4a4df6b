"""Every change of a set is a version of it, on SQLite and on PostgreSQL alike; what is withdrawn is gone from all."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from index import build
from index.gallery import Gallery
from index.set_archive import archive
from index.store import Store
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import additions, photo
from vision.errors import BlobDamaged, BrandUnknown, ReferenceUnknown, VersionUnknown
from vision.photo import decode

A, B, C = additions(1, views=3)


def ids(store: Store, version: int | None = None) -> list[str]:
    if version is None:
        return [reference.id for reference in store.references("acme")]
    return [held.reference.id for held in store.versions.set_at("acme", version)]


def test_every_change_is_a_version(store: Store) -> None:
    one = store.put_references("acme", [A, B]).version
    two = store.put_references("acme", [C]).version
    three = store.withdraw("acme", A.id).version
    four = store.versions.restore("acme", one).version
    assert [(v.version, v.action, v.added, v.removed, v.held, v.restored) for v in store.versions.of("acme")] == [
        (four, "restored", 0, 1, 1, one),
        (three, "withdrawn", 0, 1, 2, None),
        (two, "added", 1, 0, 3, None),
        (one, "added", 2, 0, 2, None),
    ]
    assert [ids(store, version) for version in (one, two, three, four)] == [
        [A.id, B.id],
        [A.id, B.id, C.id],
        [B.id, C.id],
        [B.id],
    ]
    assert store.version() == four


def test_what_changes_nothing_makes_no_version(store: Store) -> None:
    one = store.put_references("acme", [A]).version
    store.put_references("acme", [A])
    assert store.versions.restore("acme", one).version == one
    store.put_brand("acme", "ACME")
    assert [version.version for version in store.versions.of("acme")] == [one]


def test_two_versions_are_compared_either_way(store: Store) -> None:
    one = store.put_references("acme", [A, B]).version
    store.withdraw("acme", A.id)
    three = store.put_references("acme", [C]).version
    forth, back = store.versions.difference("acme", one, three), store.versions.difference("acme", three, one)
    assert [held.reference.id for held in forth.added] == [C.id]
    assert [(held.reference.id, held.withdrawn) for held in forth.removed] == [(A.id, True)]
    assert (back.added, back.removed) == (forth.removed, forth.added)
    assert [held.reference.id for held in store.versions.difference("acme", None, three).added] == [B.id, C.id]


def test_going_back_and_forth_loses_nothing(store: Store) -> None:
    one = store.put_references("acme", [A]).version
    two = store.put_references("acme", [B, C]).version
    before = store.references("acme")
    back = store.versions.restore("acme", one)
    assert (back.brought_back, back.set_aside, back.lost, ids(store)) == (0, 2, (), [A.id])
    assert store.sweep() == 0
    assert store.blob(B.sha256) == B.data
    assert store.versions.kept("acme", B.id).name == B.name
    forth = store.versions.restore("acme", two)
    assert (forth.brought_back, forth.set_aside, store.references("acme")) == (2, 0, before)


def test_a_photo_set_aside_may_be_uploaded_again(store: Store) -> None:
    one = store.put_references("acme", [A]).version
    two = store.put_references("acme", [B]).version
    store.versions.restore("acme", one)
    again = store.put_references("acme", [B, C])
    assert (again.count, ids(store)) == (2, [A.id, B.id, C.id])
    assert store.versions.restore("acme", two).set_aside == 1
    assert ids(store) == [A.id, B.id]


def test_what_is_withdrawn_is_gone_from_every_version(store: Store) -> None:
    one = store.put_references("acme", [A, B]).version
    store.withdraw("acme", A.id)
    assert [(held.reference.id, held.withdrawn) for held in store.versions.set_at("acme", one)] == [
        (A.id, True),
        (B.id, False),
    ]
    with pytest.raises(BlobDamaged, match="absent"):
        store.blob(A.sha256)
    restoration = store.versions.restore("acme", one)
    assert ([reference.id for reference in restoration.lost], ids(store)) == ([A.id], [B.id])
    with pytest.raises(ReferenceUnknown):
        store.versions.kept("acme", A.id)


def test_what_is_set_aside_can_be_withdrawn(store: Store) -> None:
    one = store.put_references("acme", [A]).version
    two = store.put_references("acme", [B, C]).version
    store.versions.restore("acme", one)
    assert store.withdraw("acme", B.id).count == 1
    assert store.withdraw_all("acme").count == 2  # A, and C that was set aside
    for addition in (A, B, C):
        with pytest.raises(BlobDamaged, match="absent"):
            store.blob(addition.sha256)
    assert len(store.versions.restore("acme", two).lost) == 3
    assert ids(store) == []


def test_a_photo_that_another_row_needs_is_kept(store: Store) -> None:
    store.put_brand("other")
    store.put_references("other", [A])
    one = store.put_references("acme", [B]).version
    store.put_references("acme", [A])
    store.versions.restore("acme", one)  # acme's A is set aside
    store.withdraw("other", A.id)
    assert store.blob(A.sha256) == A.data
    store.withdraw("acme", A.id)
    with pytest.raises(BlobDamaged):
        store.blob(A.sha256)


def test_what_is_unknown_is_named(store: Store) -> None:
    store.put_brand("other")
    version = store.put_references("other", [A]).version
    for ask in (store.versions.set_at, store.versions.restore):
        with pytest.raises(VersionUnknown, match=f"no version {version}"):
            ask("acme", version)
        with pytest.raises(BrandUnknown):
            ask("nobody", version)
    with pytest.raises(BrandUnknown):
        store.versions.of("nobody")


def matched(store: Store, gallery_dir: Path, *views: int) -> set[str]:
    """The references that these very photos match in the gallery of now, and that its templates are made of."""
    embedder = LayoutEmbedder()
    gallery = build.open_or_build(store, embedder, gallery_dir)
    assert gallery.version == Gallery.load(gallery_dir, embedder.fingerprint).version
    if not gallery.brands:
        return set()
    queries = embedder.embed([decode(photo(1, view)).pixels for view in views])
    templates = {str(i) for template in gallery.templates("acme") for i in template.reference_ids}
    return {i for i in gallery.nearest(queries, 50).reference.ravel() if i} | templates


def test_the_gallery_matches_what_the_set_holds_and_nothing_that_was_withdrawn(store: Store, tmp_path: Path) -> None:
    gallery = tmp_path / "gallery"
    one = store.put_references("acme", [A, B]).version
    assert matched(store, gallery, 0, 1, 2) == {A.id, B.id}
    two = store.put_references("acme", [C]).version
    assert matched(store, gallery, 0, 1, 2) == {A.id, B.id, C.id}
    store.versions.restore("acme", one)
    assert matched(store, gallery, 0, 1, 2) == {A.id, B.id}
    store.withdraw("acme", A.id)
    assert matched(store, gallery, 0, 1, 2) == {B.id}
    store.versions.restore("acme", two)
    assert matched(store, gallery, 0, 1, 2) == {B.id, C.id}
    store.withdraw_all("acme")
    assert matched(store, gallery, 0, 1, 2) == set()


def test_equal_sets_have_an_equal_gallery(store: Store, tmp_path: Path) -> None:
    one = store.put_references("acme", [A, B]).version
    before = build.build(store, LayoutEmbedder(), tmp_path / "gallery").made_from("acme")
    store.put_references("acme", [C])
    store.versions.restore("acme", one)
    assert build.build(store, LayoutEmbedder(), tmp_path / "gallery").made_from("acme") == before


def test_a_version_as_a_zip(store: Store, tmp_path: Path) -> None:
    version = store.put_references("acme", [A, B, C]).version
    store.withdraw("acme", A.id)
    (tmp_path / "blobs" / B.sha256[:2] / B.sha256).write_bytes(b"rotten")
    pieces = list(archive(store, "acme", version, store.versions.set_at("acme", version)))
    assert max(map(len, pieces)) < len(C.data) + 2000  # a photo at a time
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as zipped:
        assert zipped.testzip() is None
        manifest = json.loads(zipped.read("manifest.json"))
        assert zipped.namelist() == [f"references/00003-{C.id}.jpg", "metadata.json", "manifest.json"]
        assert [each["file"] for each in json.loads(zipped.read("metadata.json"))] == zipped.namelist()[:1]
        assert zipped.read(zipped.namelist()[0]) == C.data
    assert (manifest["brand"], manifest["version"]) == ("acme", version)
    told = [(each["id"], each["name"], each.get("left_out")) for each in manifest["references"]]
    assert told == [(A.id, A.name, "withdrawn"), (B.id, B.name, "blob_damaged"), (C.id, C.name, None)]
