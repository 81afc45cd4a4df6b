"""`touchstone versions` and `touchstone migrate`."""

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import Touchstone
from tests.postgres import Cluster


@pytest.fixture
def data(enrolled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(enrolled, tmp_path / "data"))


def brand_of(touchstone: Touchstone, references: Path) -> str:
    return sorted(path.name for path in references.iterdir())[0]


def test_versions_are_listed_compared_saved_and_gone_back_to(
    touchstone: Touchstone, data: Path, references: Path, tmp_path: Path
) -> None:
    brand = brand_of(touchstone, references)
    listed = touchstone("versions", brand, "--data", data, "--json").json()
    (version,) = listed["versions"]
    assert (version["action"], version["added"]) == ("added", 3)
    number = version["version"]
    added = touchstone("versions", brand, "--data", data, "--at", number, "--json").json()["added"]
    assert len(added) == 3
    assert touchstone("versions", brand, "--data", data, "--since", number).out == ""
    assert touchstone("versions", brand, "--data", data, "--at", number, "--restore").out.startswith("0 brought back")
    saved = tmp_path / "set.zip"
    assert touchstone("versions", brand, "--data", data, "--save", saved).exit_code == 0
    with zipfile.ZipFile(saved) as zipped:
        *photos, table, manifest = zipped.namelist()
    assert (len(photos), table, manifest) == (3, "metadata.json", "manifest.json")
    again = touchstone("versions", brand, "--data", data, "--save", saved)
    assert (again.exit_code, "--force" in again.err) == (2, True)
    assert touchstone("versions", brand, "--data", data, "--save", saved, "--force").exit_code == 0


def test_what_is_unknown_is_named(touchstone: Touchstone, data: Path, references: Path) -> None:
    brand = brand_of(touchstone, references)
    unknown = touchstone("versions", brand, "--data", data, "--at", 99)
    assert (unknown.exit_code, "version_unknown" in unknown.err) == (3, True)
    assert touchstone("versions", brand, "--data", data, "--restore").exit_code == 2


def test_a_postgresql_database_is_migrated_by_its_command_only(
    touchstone: Touchstone, cluster: Cluster, references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", cluster.fresh())
    brand = brand_of(touchstone, references)
    refused = touchstone("versions", brand, "--data", tmp_path)
    assert (refused.exit_code, "touchstone migrate" in refused.err) == (2, True)
    assert "brought from version 0" in touchstone("migrate", "--data", tmp_path).out
    assert "already" in touchstone("migrate", "--data", tmp_path).out
    assert touchstone("enroll", references, "--data", tmp_path).exit_code == 0
    assert len(touchstone("versions", brand, "--data", tmp_path, "--json").json()["versions"]) == 1
    assert not (tmp_path / "touchstone.sqlite").exists()
