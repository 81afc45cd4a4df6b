"""References are switched off and on, on SQLite and on PostgreSQL alike, and stay what they are meanwhile."""

import pytest

from index.store import Store
from tests.index.pictures import additions
from vision.errors import BrandUnknown, ReferenceUnknown

A, B, C = additions(1, views=3)


def ids(store: Store) -> list[str]:
    return [reference.id for reference in store.references("acme")]


def standings(store: Store) -> list[tuple[str, str]]:
    return [(each.id, each.standing) for each in store.switches.standings("acme")]


def test_a_reference_goes_off_and_comes_back_to_its_place(store: Store) -> None:
    store.put_references("acme", [A, B, C])
    off = store.switches.off("acme", B.id)
    assert (ids(store), standings(store)) == ([A.id, C.id], [(B.id, "off")])
    assert store.sweep() == 0
    assert store.blob(B.sha256) == B.data
    assert store.versions.kept("acme", B.id).name == B.name
    on = store.switches.on("acme", B.id)
    assert (ids(store), standings(store)) == ([A.id, B.id, C.id], [])
    actions = [(each.version, each.action) for each in store.versions.of("acme")][:2]
    assert actions == [(on.version, "switched_on"), (off.version, "switched_off")]


def test_what_is_so_already_changes_nothing(store: Store) -> None:
    store.put_references("acme", [A, B])
    first = store.switches.off("acme", A.id)
    assert store.switches.off("acme", A.id) == type(first)(first.version, 0)
    assert store.switches.on("acme", B.id).count == 0
    assert store.version() == first.version


def test_what_is_unknown_is_named(store: Store) -> None:
    store.put_references("acme", [A])
    for act in (store.switches.off, store.switches.on):
        with pytest.raises(BrandUnknown):
            act("nobody", A.id)
        with pytest.raises(ReferenceUnknown):
            act("acme", B.id)
    store.withdraw("acme", A.id)
    with pytest.raises(ReferenceUnknown):
        store.switches.on("acme", A.id)


def test_a_quarantine_is_lifted_once_and_for_good(store: Store) -> None:
    store.put_references("acme", [A, B])
    assert store.switches.quarantine("acme", A.id, "nearest in 90% of listings").count == 1
    (noted,) = store.switches.standings("acme")
    assert (noted.standing, noted.detail, ids(store)) == ("quarantined", "nearest in 90% of listings", [B.id])
    store.switches.on("acme", A.id)
    assert (standings(store), ids(store)) == ([(A.id, "vouched")], [A.id, B.id])
    assert store.switches.quarantine("acme", A.id, "again").count == 0
    assert ids(store) == [A.id, B.id]


def test_what_comes_into_the_set_otherwise_is_noted_no_more(store: Store) -> None:
    one = store.put_references("acme", [A, B, C]).version
    for each in (A, B, C):
        store.switches.off("acme", each.id)
    store.put_references("acme", [A])
    assert standings(store) == [(B.id, "off"), (C.id, "off")]
    store.withdraw("acme", B.id)
    assert standings(store) == [(C.id, "off")]
    store.versions.restore("acme", one)
    assert (standings(store), ids(store)) == ([], [C.id, A.id])


def test_what_left_its_set_is_told_from_any_version_on(store: Store) -> None:
    one = store.put_references("acme", [A, B, C]).version
    two = store.switches.off("acme", A.id).version
    store.withdraw("acme", B.id)
    assert store.switches.gone_since(one) == {("acme", A.id), ("acme", B.id)}
    assert store.switches.gone_since(two) == {("acme", B.id)}
    store.switches.on("acme", A.id)
    assert store.switches.gone_since(one) == {("acme", B.id)}
    assert store.switches.gone_since(store.version()) == frozenset()
