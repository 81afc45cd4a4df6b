"""`touchstone enroll`."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import BRAND_COUNT, REFERENCE_COUNT
from tests.cli.running import Touchstone


def test_references_are_enrolled_once(touchstone: Touchstone, references: Path, tmp_path: Path) -> None:
    first = touchstone("enroll", references, "--data", tmp_path / "data", "--json")
    assert first.exit_code == 0
    assert len(first.json()["brands"]) == BRAND_COUNT
    files = [file for brand in first.json()["brands"] for file in brand["files"]]
    assert len(files) == BRAND_COUNT * REFERENCE_COUNT
    assert {file["status"] for file in files} <= {"accepted", "near_duplicate"}

    again = touchstone("enroll", references, "--data", tmp_path / "data", "--json")
    assert {file["status"] for brand in again.json()["brands"] for file in brand["files"]} == {"duplicate"}
    assert again.json()["gallery_version"] == first.json()["gallery_version"]


def test_a_bad_photo_is_told_and_the_rest_enrolled(
    touchstone: Touchstone, photo: Path, page: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root" / "Acme"
    root.mkdir(parents=True)
    shutil.copy(photo, root / "good.jpg")
    shutil.copy(page, root / "bad.jpg")
    outcome = touchstone("enroll", root.parent, "--data", tmp_path / "data")
    assert outcome.exit_code == 3
    assert "acme/bad.jpg: the file is an HTML page" in outcome.err.replace("\n", " ")
    assert "1 brands are searchable" in outcome.out
    assert outcome.out.split("\n")[1].split() == ["acme", "1", "0", "0", "1"]


def test_a_root_that_is_no_folder_is_refused(touchstone: Touchstone, tmp_path: Path) -> None:
    outcome = touchstone("enroll", tmp_path / "absent", "--data", tmp_path / "data")
    assert outcome.exit_code in (2, 3)
    assert "absent" in outcome.err
    assert not (tmp_path / "data").exists()


def test_the_data_folder_comes_from_the_environment(
    touchstone: Touchstone, enrolled: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(enrolled))
    assert touchstone("inspect", photo).exit_code == 0
