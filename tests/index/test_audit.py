"""The audit sample: a folder or a table of confirmed-genuine listings, refused whole where it cannot be used."""

from pathlib import Path

import pytest

from index.audit import Audited, read
from vision.errors import ListingsInvalid

BRANDS = ("acme", "bolt")


def table(folder: Path, text: str) -> Path:
    path = folder / "audit.csv"
    path.write_text(text)
    return path


def test_a_folder_holds_a_listing_a_photo(tmp_path: Path) -> None:
    (tmp_path / "Acme").mkdir()
    for name in ("1.jpg", "2.jpg", "notes.txt"):
        (tmp_path / "Acme" / name).touch()
    found = read(tmp_path, BRANDS)
    assert [listing.name for listing in found["acme"]] == ["1.jpg", "2.jpg"]


def test_a_table_may_say_which_photos_are_one_listing(tmp_path: Path) -> None:
    found = read(table(tmp_path, "path,brand,listing\na.jpg,Acme,7\nb.jpg,acme,7\nc.jpg,bolt,\n"), BRANDS)
    assert found == {
        "acme": (Audited("7", (tmp_path / "a.jpg", tmp_path / "b.jpg")),),
        "bolt": (Audited("c.jpg", (tmp_path / "c.jpg",)),),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("path\na.jpg\n", "lacks the columns brand"),
        ("path,brand\n", "no rows"),
        ("path,brand\na.jpg,nobody\n,acme\nb.jpg,??\n", r"line 2: .*nobody.*line 3: no path.*line 4: "),
        ("path,brand,label\na.jpg,acme,counterfeit\n", "only genuine listings calibrate"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_every_fault(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ListingsInvalid, match=told):
        read(table(tmp_path, text), BRANDS)


def test_what_is_absent_or_not_enrolled_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListingsInvalid, match="cannot be read"):
        read(tmp_path / "absent.csv", BRANDS)
    (tmp_path / "other").mkdir()
    with pytest.raises(ListingsInvalid, match="not enrolled: other"):
        read(tmp_path, BRANDS)
