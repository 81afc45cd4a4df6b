"""Negative references are kept apart from the set, on SQLite and on PostgreSQL alike, and never searched for it."""

from pathlib import Path

import pytest

from index import build, look_alikes
from index.negative_set import kind_of, take_in
from index.reference_set import Status
from index.store import Store
from index.store.negatives import MOST
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import additions, upload
from vision.errors import BlobDamaged, BrandUnknown, FormInvalid, ReferenceUnknown, TooManyNegatives

A, B = additions(1, views=2)


def test_they_are_stored_listed_and_withdrawn_for_good(store: Store) -> None:
    before = store.version()
    taken = take_in(store, "acme", "parody", [upload(2), upload(2), upload(3)])
    assert [result.status for result in taken.admission.results] == [
        Status.ACCEPTED,
        Status.DUPLICATE,
        Status.ACCEPTED,
    ]
    assert (taken.change.count, taken.change.version) == (2, before + 1)
    found = store.negatives.of("acme")
    assert [(each.kind, each.photo.name) for each in found] == [("parody", "mark2-0.jpg"), ("parody", "mark3-0.jpg")]
    assert store.sweep() == 0
    photo = found[0].photo
    assert store.blob(photo.sha256) == upload(2).data
    assert store.negatives.withdraw("acme", photo.id).version == before + 2
    with pytest.raises(BlobDamaged, match="absent"):
        store.blob(photo.sha256)
    assert store.negatives.of("acme") == found[1:]


def test_a_photo_that_a_set_needs_too_outlives_the_negative(store: Store) -> None:
    store.put_brand("other")
    store.put_references("other", [A])
    take_in(store, "acme", "other_owner", [upload(1)])
    store.negatives.withdraw("acme", A.id)
    assert store.blob(A.sha256) == A.data


def test_a_genuine_reference_is_no_negative(store: Store) -> None:
    store.put_references("acme", [A])
    (first, second) = take_in(store, "acme", "licensed", [upload(1), upload(2)]).admission.results
    assert first.status is Status.REFUSED
    assert first.fault is not None
    assert (first.fault.code, second.status) == ("negative_is_genuine", Status.ACCEPTED)


def test_there_is_a_limit(store: Store) -> None:
    take_in(store, "acme", "former", [upload(10 + seed) for seed in range(MOST)])
    with pytest.raises(TooManyNegatives, match=f"the limit of {MOST}"):
        take_in(store, "acme", "former", [upload(2)])
    assert len(store.negatives.of("acme")) == MOST


def test_what_is_unknown_is_named(store: Store) -> None:
    with pytest.raises(BrandUnknown):
        store.negatives.of("nobody")
    with pytest.raises(BrandUnknown):
        store.negatives.put("nobody", "parody", [A])
    with pytest.raises(ReferenceUnknown):
        store.negatives.withdraw("acme", A.id)
    with pytest.raises(FormInvalid, match="licensed, former, parody, other_owner"):
        kind_of("enemy")


def test_their_gallery_is_their_own(store: Store, tmp_path: Path) -> None:
    embedder = LayoutEmbedder()
    store.put_references("acme", [A, B])
    take_in(store, "acme", "licensed", [upload(2)])
    (negative,) = store.negatives.of("acme")
    genuine = build.open_or_build(store, embedder, tmp_path / "gallery")
    known = look_alikes.open_or_build(store, embedder, tmp_path)
    assert {i for t in genuine.templates("acme") for i in t.reference_ids} == {A.id, B.id}
    assert {i for t in known.templates("acme") for i in t.reference_ids} == {negative.photo.id}
    store.negatives.withdraw("acme", negative.photo.id)
    assert look_alikes.open_or_build(store, embedder, tmp_path).brands == ()
