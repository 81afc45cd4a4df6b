"""Manifests and shards: the same photographs by either way in, and every fault told at once."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("webdataset", reason="webdataset is not installed (extra: train)")

import pyarrow as arrow
from pyarrow import parquet

from tests.training.data.goods import BRANDS, Row, rows, write_manifest, write_shards
from training.data import manifest, shards
from training.data.entry import Albums, by_brand
from vision.errors import ManifestInvalid


def test_a_manifest_gives_its_photographs(tmp_path: Path) -> None:
    album = manifest.read(write_manifest(tmp_path))
    assert len(album.entries) == 30
    assert album.image(0).shape == (48, 56, 3)
    assert [each.forged for each in album.entries[:5]] == [False] * 4 + [True]
    assert list(by_brand(album.entries)) == sorted(BRANDS)


def test_csv_parquet_and_shards_say_the_same(tmp_path: Path) -> None:
    as_csv = manifest.read(write_manifest(tmp_path))
    parquet.write_table(arrow.Table.from_pylist(rows()), tmp_path / "goods.parquet")
    as_parquet = manifest.read(tmp_path / "goods.parquet")
    in_shards = shards.read([write_shards(tmp_path)])
    assert as_csv == as_parquet
    assert by_brand(in_shards.entries).keys() == by_brand(as_csv.entries).keys()
    order = {
        (each, album.image(row).tobytes()) for album in (as_csv, in_shards) for row, each in enumerate(album.entries)
    }
    assert len(order) == 30


def test_several_albums_are_one(tmp_path: Path) -> None:
    first = manifest.read(write_manifest(tmp_path))
    both = Albums((first, shards.read([write_shards(tmp_path)])))
    assert len(both.entries) == 60
    np.testing.assert_array_equal(both.image(3), first.image(3))
    assert both.image(59).shape == (48, 56, 3)
    with pytest.raises(IndexError):
        both.image(60)


def faulty(changes: dict[int, Row]) -> list[Row]:
    return [row | changes.get(position, {}) for position, row in enumerate(rows())]


FAULTS: dict[int, Row] = {
    0: {"label": "fake"},
    3: {"brand": " "},
    7: {"product": "boat"},
    9: {"split": "later"},
    12: {"path": "absent.png"},
}


def test_all_faults_of_a_manifest_are_told_with_their_rows(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        manifest.read(write_manifest(tmp_path, faulty(FAULTS)))
    lines = str(caught.value).splitlines()
    assert "5 fault(s)" in lines[0]
    assert lines[1] == "row 2: label 'fake'; use genuine, counterfeit"
    assert lines[2] == "row 5: no brand"
    assert "row 9: product 'boat'; use emblem" in lines[3]
    assert lines[4] == "row 11: split 'later'; use train, validation, test"
    assert "row 14: no file 'absent.png'" in lines[5]


def test_all_faults_of_shards_are_told_with_their_keys(tmp_path: Path) -> None:
    changes = {row: change for row, change in FAULTS.items() if "path" not in change}
    with pytest.raises(ManifestInvalid) as caught:
        shards.read([write_shards(tmp_path, faulty(changes))])
    told = str(caught.value)
    assert "4 fault(s)" in told
    assert "goods-000.tar: acme-0: label 'fake'" in told
    assert "goods-001.tar: acme-3: no brand" in told


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"split": "train"}, "brand echo: split is train and validation; hold it out whole"),
        ({"label": "counterfeit"}, "brand echo: 1 genuine photograph"),
    ],
)
def test_a_brand_that_cannot_be_held_out_is_a_fault(tmp_path: Path, change: Row, fault: str) -> None:
    with pytest.raises(ManifestInvalid, match=fault):
        manifest.read(write_manifest(tmp_path, faulty(dict.fromkeys((20, 21, 22), change))))


def test_a_table_without_its_columns_says_which(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("path,label,colour\na.png,genuine,red\n")
    with pytest.raises(ManifestInvalid, match="lacks brand and has unknown colour; columns are path, brand"):
        manifest.read(tmp_path / "odd.csv")


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet"])
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestInvalid, match="cannot be read"):
        manifest.read(tmp_path / name)


def test_shards_that_are_not_there_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="2 fault"):
        shards.read([str(tmp_path / "goods-{0..1}.tar")])
