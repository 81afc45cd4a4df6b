"""Listings tables: what is read, and every fault told at once."""

from pathlib import Path

import pytest

from training.listing import read
from vision.errors import ListingsInvalid


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "LISTINGS.csv"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_table_and_brands_ignore_case(tmp_path: Path) -> None:
    (one, two) = read(
        table(tmp_path, "path,brand,label,light\na/1.jpg,ACME,genuine,day\n2.jpg,,unrelated,night\n"), {"acme"}
    )
    assert one.file == tmp_path / "a/1.jpg"
    assert (one.brand, one.label, one.slices) == ("acme", "genuine", {"light": "day"})
    assert (two.brand, two.label) == (None, "unrelated")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "path,brand,label\n,acme,genuine\n1.jpg,acme,fake\n2.jpg,,counterfeit\n3.jpg,other,genuine\n"
    with pytest.raises(ListingsInvalid) as caught:
        read(table(tmp_path, text), {"acme"})
    for part in (
        "line 2: no path",
        "line 3: label 'fake'",
        "line 4: a counterfeit listing needs",
        "line 5: brand 'other'",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize("text", ["", "path,brand\n1.jpg,acme\n", "path,brand,label\n"])
def test_a_table_without_columns_or_rows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ListingsInvalid):
        read(table(tmp_path, text), {"acme"})


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListingsInvalid, match="cannot be read"):
        read(tmp_path / "none.csv", {"acme"})
