"""`touchstone switch` and `touchstone negatives`."""

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Touchstone


@pytest.fixture
def data(enrolled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(enrolled, tmp_path / "data"))


@pytest.fixture
def brand(references: Path) -> str:
    return sorted(path.name for path in references.iterdir())[0]


def test_references_are_switched_off_and_on(touchstone: Touchstone, data: Path, brand: str) -> None:
    versions = touchstone("versions", brand, "--data", data, "--at", 2, "--json").json()
    first, second, _ = [each["id"] for each in versions["added"]]
    off = touchstone("switch", brand, "--off", first, "--off", second, "--data", data, "--json").json()["standings"]
    assert {(each["reference"], each["standing"]) for each in off} == {(first, "off"), (second, "off")}
    assert second not in touchstone("switch", brand, "--on", second, "--data", data).out
    assert first in touchstone("switch", brand, "--data", data).out
    unknown = touchstone("switch", brand, "--off", "none", "--data", data)
    assert (unknown.exit_code, "reference_unknown" in unknown.err) == (3, True)


def test_negatives_are_added_listed_and_withdrawn(
    touchstone: Touchstone, data: Path, brand: str, references: Path, photo: Path, page: Path
) -> None:
    other = sorted(references.rglob("*.jpg"))[-1]
    added = touchstone("negatives", brand, other, page, photo, "--kind", "parody", "--data", data, "--json")
    assert added.exit_code == 3
    assert "negative_is_genuine" not in added.out
    assert "is a genuine reference" in added.err
    (negative,) = added.json()["negatives"]
    assert (negative["kind"], negative["name"]) == ("parody", other.name)
    assert negative["negative"] in touchstone("negatives", brand, "--data", data).out
    assert touchstone("negatives", brand, "--withdraw", negative["negative"], "--data", data).out == ""
    assert touchstone("negatives", brand, other, "--kind", "enemy", "--data", data).exit_code == 3
    assert touchstone("negatives", brand, "absent.jpg", "--kind", "parody", "--data", data).exit_code == 2
