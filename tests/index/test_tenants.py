"""Organisations, keys and the audit log; on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from index import keys
from index.organisation import organisation_id
from index.store import OPERATOR, Action, Actor, AuditLine, Grant, Place, Scope, Store, acting
from index.store.tenants import INCLUDED, SCOPES
from tests.index.pictures import additions
from vision.errors import (
    BrandUnknown,
    GrantInvalid,
    IssuedKeyUnknown,
    KeyEnded,
    OrganisationNameInvalid,
    OrganisationUnknown,
    TouchstoneError,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """With two organisations, a brand each."""
    opened = Store.at(place)
    for organisation, brand in (("north", "acme"), ("south", "zenith")):
        opened.organisations.put(organisation)
        opened.put_brand(brand, organisation=organisation)
    yield opened
    opened.close()


def soon(hours: float = 1) -> datetime:
    return datetime.now(UTC) + hours * HOUR


def lines(store: Store, organisation: str | None) -> list[tuple[str, str, str]]:
    return [(line.action, line.target, line.detail) for line in store.trail.of(organisation)]


def test_the_operator_is_always_there_and_has_what_is_given_to_no_other(store: Store) -> None:
    assert [each.id for each in store.organisations.all()] == ["north", OPERATOR, "south"]
    assert store.put_brand("other").organisation == OPERATOR
    assert store.inspections.put("1", "{}").organisation == OPERATOR


def test_an_organisation_is_renamed_and_the_same_again_changes_nothing(store: Store) -> None:
    assert store.organisations.put("north", "North Ltd").name == "North Ltd"
    assert store.organisations.put("north") == store.organisations.find("north")
    assert [action for action, _, _ in lines(store, "north")] == [
        "organisation.renamed",
        "brand.created",
        "organisation.created",
    ]
    with pytest.raises(OrganisationUnknown, match="'west'"):
        store.organisations.find("west")


def test_a_brand_is_handed_over_and_both_read_of_it(store: Store) -> None:
    assert store.put_brand("acme", organisation="south").organisation == "south"
    assert store.put_brand("acme", "Acme Inc.").organisation == "south"
    assert lines(store, "north")[0] == ("brand.given", "brands/acme", "to south")
    assert lines(store, "south")[1] == ("brand.taken", "brands/acme", "from north")
    with pytest.raises(OrganisationUnknown):
        store.put_brand("acme", organisation="west")


def test_an_inspection_belongs_to_who_made_it(store: Store) -> None:
    made = store.inspections.put("1", "{}", organisation="north", within="acme")
    assert (made.organisation, made.within) == ("north", "acme")
    assert store.inspections.get("1") == made


def test_a_key_is_kept_by_its_hash_alone(store: Store) -> None:
    issued = keys.issue(store, Grant("north", ("inspect", "review"), "acme", "their team", soon()))
    found = store.keys.find(keys.id_of(issued.secret))
    assert found == issued.key
    assert found.hash == keys.digest(issued.secret)
    assert found.grant.scopes == ("inspect", "review")
    assert issued.secret.startswith(f"ts_{found.id}_")
    assert issued.secret not in repr(store.keys.of()) + repr(store.trail.of(None))
    assert issued.secret[-20:] not in repr(found)
    assert found.hash not in repr(found)
    assert store.keys.of("north") == (found,)
    assert store.keys.of("south") == ()
    assert store.keys.find("0" * 12) is None


def test_keys_are_unlike_each_other(store: Store) -> None:
    made = [keys.issue(store, Grant("north", ("inspect",))) for _ in range(20)]
    assert len({each.secret for each in made}) == len({each.key.id for each in made}) == 20


def test_a_key_is_rotated_with_an_overlap(store: Store) -> None:
    old = keys.issue(store, Grant("north", ("inspect",), "acme", "their team"))
    new = keys.rotate(store, old.key.id, HOUR, soon(9))
    before, after = store.keys.find(old.key.id), store.keys.find(new.key.id)
    assert before is not None
    assert after is not None
    assert (before.replaced_by, before.is_over(datetime.now(UTC)), before.is_over(soon(2))) == (new.key.id, False, True)
    assert after.grant == Grant("north", ("inspect",), "acme", "their team", new.key.grant.expires)
    assert keys.digest(new.secret) == after.hash != before.hash
    assert [action for action, _, _ in lines(store, "north")[:2]] == ["key.rotated", "key.created"]


def test_an_overlap_does_not_lengthen_a_life(store: Store) -> None:
    old = keys.issue(store, Grant("north", ("inspect",), expires=soon(1)))
    keys.rotate(store, old.key.id, 5 * HOUR)
    found = store.keys.find(old.key.id)
    assert found is not None
    assert found.grant.expires == old.key.grant.expires


def test_a_revoked_key_is_over_and_is_not_brought_back(store: Store) -> None:
    issued = keys.issue(store, Grant("north", ("inspect",)))
    assert store.keys.revoke(issued.key.id).is_over(datetime.now(UTC))
    before = lines(store, "north")
    store.keys.revoke(issued.key.id)
    assert lines(store, "north") == before
    with pytest.raises(KeyEnded):
        keys.rotate(store, issued.key.id, HOUR)


GRANTS: dict[str, tuple[Grant, type[TouchstoneError]]] = {
    "nothing": (Grant("north", ()), GrantInvalid),
    "narrowed and wide": (Grant("north", ("admin",), "acme"), GrantInvalid),
    "past": (Grant("north", ("inspect",), expires=datetime(2020, 1, 1, tzinfo=UTC)), GrantInvalid),
    "no organisation": (Grant("west", ("inspect",)), OrganisationUnknown),
    "no brand": (Grant("north", ("inspect",), "nobody"), BrandUnknown),
    "another's brand": (Grant("north", ("inspect",), "zenith"), BrandUnknown),
}


@pytest.mark.parametrize("case", GRANTS)
def test_a_grant_that_makes_no_sense_is_refused(store: Store, case: str) -> None:
    grant, error = GRANTS[case]
    with pytest.raises(error):
        keys.issue(store, grant)
    assert store.keys.of() == ()


def test_a_key_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(IssuedKeyUnknown, match="'000000000000'"):
        store.keys.revoke("0" * 12)
    with pytest.raises(IssuedKeyUnknown):
        keys.rotate(store, "0" * 12, HOUR)
    with pytest.raises(GrantInvalid, match="overlap"):
        keys.rotate(store, "0" * 12, timedelta(days=91))


def test_every_change_of_a_set_is_on_record_with_who_made_it(store: Store) -> None:
    store.put_brand("mine", organisation="north")
    with acting(Actor("0123456789ab", "request-1")):
        first = store.put_references("mine", additions(1, 2)).version
        store.withdraw("mine", additions(1)[0].id)
        store.versions.restore("mine", first)
        store.withdraw_all("mine")
    store.put_references("mine", ())  # changes nothing
    written = store.trail.of("north", limit=3)
    assert [line.action for line in written] == ["references.withdrawn", "references.withdrawn", "references.added"]
    assert {(line.key, line.target, line.request) for line in written} == {("0123456789ab", "brands/mine", "request-1")}
    assert written[-1].detail == f"version {first}: 2 added, 0 removed"
    assert datetime.now(UTC) - written[0].at < timedelta(minutes=1)
    assert store.trail.of("north")[-1].key == "touchstone"


def test_each_organisation_reads_its_own_part_numbered_without_gaps(store: Store) -> None:
    for number in range(5):
        store.put_brand("acme", f"Acme {number}")
        store.put_brand("zenith", f"Zenith {number}")
    north: tuple[AuditLine, ...] = store.trail.of("north")
    assert [line.number for line in north] == [7, 6, 5, 4, 3, 2, 1]
    assert {line.organisation for line in north} == {"north"}
    assert store.trail.of("north", before=4, limit=2) == north[4:6]
    assert len(store.trail.of(None)) == 14
    with pytest.raises(OrganisationUnknown):
        store.trail.of("west")


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET key = 'x'", "DELETE FROM audit_log"])
def test_nobody_rewrites_the_log(store: Store, statement: str) -> None:
    before = store.trail.of(None)
    with pytest.raises(DBAPIError, match="append-only"), store._database.writing() as connection:
        connection.execute(text(statement))
    assert store.trail.of(None) == before


def test_a_change_that_fails_is_not_on_record(store: Store) -> None:
    before = store.trail.of(None)
    with pytest.raises(BrandUnknown):
        keys.issue(store, Grant("north", ("inspect",), "zenith"))
    assert store.trail.of(None) == before


def test_every_change_of_a_set_is_named_in_the_docs() -> None:
    document = (Path(__file__).parents[2] / "docs" / "tenants.md").read_text(encoding="utf-8")
    assert [each for each in get_args(Action) if each != "adopted" and f"`references.{each}`" not in document] == []
    assert [scope for scope in SCOPES if f"| `{scope}` |" not in document] == []


def test_what_a_scope_includes_is_a_scope() -> None:
    assert set(INCLUDED) | {scope for scopes in INCLUDED.values() for scope in scopes} <= set(SCOPES)
    wide: set[Scope] = {"inspect:all", "evidence:all", "operator"}
    assert not wide & set(INCLUDED["admin"])


@pytest.mark.parametrize("name", ["", "-north", "north-", "a b", "x" * 65, "nörth", "a/b"])
def test_an_organisations_id_outside_the_rules_is_refused(name: str) -> None:
    with pytest.raises(OrganisationNameInvalid):
        organisation_id(name)


def test_an_organisations_id_is_lower_case() -> None:
    assert organisation_id(" North-1 ") == "north-1"
