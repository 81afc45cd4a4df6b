"""A crop set shows the marks of its brands tight, by name, and is what a manifest of photographs is."""

from pathlib import Path

import numpy as np
import pytest

from training import crop_set
from training.data import manifest
from training.pair_set import Sources
from training.synthesis.drawing import Drawn


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two chunks of one fictional brand, in print and in other finishes."""
    folder = tmp_path_factory.mktemp("crops")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crop_set, "CHUNK", 1)
        assert len(list(crop_set.write(Sources((), 3), folder, 2))) == 2
    return folder


def test_the_manifest_reads_as_photographs_of_goods(crops: Path) -> None:
    album = manifest.read(crops / crop_set.MANIFEST)
    assert {entry.brand for entry in album.entries} == {"brand-00000", "brand-00001"}
    forged = [entry.forged for entry in album.entries]
    assert forged.count(False) == 2 * (crop_set.REFERENCES + crop_set.LISTINGS // 2)
    assert forged.count(True) == 2 * (crop_set.LISTINGS // 2)
    sides = [album.image(row).shape[:2] for row in range(len(album.entries))]
    assert all(min(side) >= crop_set.LEAST_PX and max(side) <= crop_set.MOST_PX for side in sides)


def test_chunks_that_are_there_are_kept(crops: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crop_set, "CHUNK", 1)
    table = (crops / crop_set.MANIFEST).read_bytes()
    assert list(crop_set.write(Sources((), 3), crops, 2)) == []
    assert (crops / crop_set.MANIFEST).read_bytes() == table


def test_a_crop_is_the_box_and_a_fifth_more_and_no_larger_than_is_looked_at() -> None:
    photo = np.zeros((400, 500, 3), np.uint8)
    photo[100:300, 100:200] = 255
    small = crop_set.crop(Drawn(photo[:, :250], (100.0, 100.0, 200.0, 300.0), ""))
    assert small.shape == (crop_set.MOST_PX, round(140 * crop_set.MOST_PX / 280), 3)
    at_edge = crop_set.crop(Drawn(photo[90:150, 90:150], (10.0, 10.0, 60.0, 60.0), ""))
    assert at_edge.shape == (60, 60, 3)
    assert at_edge[:9].max() == 0
    assert at_edge[11:, 11:].min() == 255
