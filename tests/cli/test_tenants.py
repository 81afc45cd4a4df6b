"""`touchstone organisations`, `touchstone keys` and `touchstone audit`."""

from pathlib import Path

import pytest

from index import keys
from index.store import Store
from tests.cli.running import Touchstone


@pytest.fixture
def data(touchstone: Touchstone, tmp_path: Path) -> Path:
    """Two organisations, one with a brand."""
    assert touchstone("organisations", "create", "North", "--name", "North Ltd", "--data", tmp_path).exit_code == 0
    assert touchstone("organisations", "create", "south", "--data", tmp_path).exit_code == 0
    assert touchstone("organisations", "give", "north", "ACME", "--data", tmp_path).exit_code == 0
    return tmp_path


def test_organisations_are_listed_with_their_brands(touchstone: Touchstone, data: Path) -> None:
    listed = touchstone("organisations", "list", "--data", data, "--json").json()
    assert [(each["organisation"], each["brands"]) for each in listed] == [
        ("north", ["acme"]),
        ("operator", []),
        ("south", []),
    ]
    assert "North Ltd" in touchstone("organisations", "list", "--data", data).out
    assert touchstone("organisations", "give", "west", "acme", "--data", data).exit_code == 3


def test_a_key_is_written_alone_on_standard_output_and_listed_without_it(touchstone: Touchstone, data: Path) -> None:
    narrowed = ("--organisation", "north", "--brand", "Acme")
    made = touchstone("keys", "create", "--scope", "inspect", *narrowed, "--data", data)
    secret = made.out.strip()
    store = Store.open(data)
    found = store.keys.find(keys.id_of(secret))
    store.close()
    assert found is not None
    assert found.hash == keys.digest(secret)
    listed = touchstone("keys", "list", "--organisation", "north", "--data", data)
    assert found.id in listed.out
    assert secret[16:] not in listed.out
    (told,) = touchstone("keys", "list", "--data", data, "--json").json()
    assert (told["scopes"], told["brand"], told["state"]) == ("inspect", "acme", "good")


def test_a_key_is_rotated_and_revoked(touchstone: Touchstone, data: Path) -> None:
    old = touchstone("keys", "create", "--scope", "admin", "--days", "30", "--data", data, "--json").json()
    new = touchstone("keys", "rotate", old["id"], "--overlap", "0", "--data", data, "--json").json()
    assert touchstone("keys", "revoke", new["id"], "--data", data).exit_code == 0
    states = {each["id"]: each["state"] for each in touchstone("keys", "list", "--data", data, "--json").json()}
    assert states == {old["id"]: "expired", new["id"]: "revoked"}
    assert "key_ended" in touchstone("keys", "rotate", new["id"], "--data", data).err


def test_what_makes_no_sense_is_named(touchstone: Touchstone, data: Path) -> None:
    unknown = touchstone("keys", "create", "--scope", "everything", "--data", data)
    assert (unknown.exit_code, "references:write" in unknown.err) == (2, True)
    assert "issued_key_unknown" in touchstone("keys", "revoke", "x", "--data", data).err
    narrowed = touchstone("keys", "create", "--scope", "admin", "--brand", "acme", "--data", data)
    assert (narrowed.exit_code, "grant_invalid" in narrowed.err) == (3, True)


def test_the_audit_log_is_read(touchstone: Touchstone, data: Path) -> None:
    lines = touchstone("audit", "--organisation", "north", "--data", data, "--json").json()
    assert [(line["number"], line["action"], line["key"]) for line in lines] == [
        (2, "brand.created", "command-line"),
        (1, "organisation.created", "command-line"),
    ]
    assert len(touchstone("audit", "--data", data, "--json").json()) == 3
    assert "brands/acme" in touchstone("audit", "--data", data, "--limit", "1").out
    assert touchstone("audit", "--organisation", "west", "--data", data).exit_code == 3
