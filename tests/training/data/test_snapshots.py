"""Views of real photographs: brands evenly, forged ones among them, the same again for the same seed."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torchvision", reason="torchvision is not installed (extra: train)")

import torch

from tests.training.data.goods import rows, write_manifest
from training import config
from training.config.data import RetouchConfig
from training.data import manifest, snapshots
from training.data.retouch import retouch
from training.data.source import Source, open_source
from vision.errors import ConfigurationError

SMOKE = Path(__file__).parents[3] / "configs" / "train" / "smoke.yaml"


def opened(folder: Path, *overrides: str) -> Source:
    photos = f"data.photos={{manifest: {folder / 'goods.csv'}}}"
    alone = ["data.procedural_brands=0", "data.brands_per_batch=3", f"data.cache={folder}"]
    return open_source(config.load(SMOKE, [photos, *alone, *overrides]))


def test_a_batch_shows_brands_evenly_with_forged_views_last(tmp_path: Path) -> None:
    write_manifest(tmp_path)
    source = opened(tmp_path)
    batch = source.sampler[0, 0]
    assert source.sampler.brand_count == 4
    assert batch.images.shape == (12, 3, 64, 64)
    assert set(Counter(batch.brand.tolist()).values()) == {4}
    assert batch.forged.view(3, 4).tolist() == [[False, False, False, True]] * 3
    assert torch.equal(batch.images, opened(tmp_path).sampler[0, 0].images)
    assert not torch.equal(batch.images, source.sampler[1, 0].images)


def test_validation_asks_with_photographs_that_are_no_references(tmp_path: Path) -> None:
    write_manifest(tmp_path)
    task = opened(tmp_path).validation
    assert task.is_reference.tolist() == [True, True, False, False, False] * 2
    assert task.batch.forged.tolist() == [False, False, False, False, True] * 2
    assert task.batch.brand.tolist() == [0] * 5 + [1] * 5


def test_where_rows_do_not_say_some_brands_are_held_out_by_name(tmp_path: Path) -> None:
    write_manifest(tmp_path, [row | {"split": ""} for row in rows()])
    source = opened(tmp_path, "data.validation_brands=2")
    assert source.sampler.brand_count == 4
    assert len(set(source.validation.batch.brand.tolist())) == 2


def test_rows_for_testing_are_left_out(tmp_path: Path) -> None:
    write_manifest(tmp_path, [row | {"split": "test"} if row["brand"] == "acme" else row for row in rows()])
    assert opened(tmp_path).sampler.brand_count == 3


def test_photographs_stand_beside_drawn_marks(tmp_path: Path) -> None:
    write_manifest(tmp_path)
    source = opened(tmp_path, "data.procedural_brands=12", "data.validation_brands=2", "data.brands_per_batch=4")
    batch = source.sampler[0, 0]
    assert source.sampler.brand_count == 14
    assert [int(brand) >= 10 for brand in batch.brand] == [False] * 8 + [True] * 8


def test_all_brands_to_learn_from_leave_none_to_validate(tmp_path: Path) -> None:
    write_manifest(tmp_path, [row | {"split": "train"} for row in rows()])
    with pytest.raises(ConfigurationError, match="holds no brand out"):
        opened(tmp_path)


def test_a_brand_with_few_photographs_shows_each_before_any_twice(tmp_path: Path) -> None:
    album = manifest.read(write_manifest(tmp_path))
    brand = snapshots.Brand((0, 1, 2), ())
    views = snapshots.Snapshots(
        album, (brand,), RetouchConfig(), lambda captions: np.zeros((len(captions), 4), np.int64)
    )
    drawn = views._views(brand, 4, 1, np.random.default_rng(0))
    assert set(drawn[:3]) == {0, 1, 2}
    assert len(drawn) == 4


def test_captions_say_brand_and_product_where_none_is_written(tmp_path: Path) -> None:
    album = manifest.read(
        write_manifest(tmp_path, [row | {"caption": "my words"} if i else row for i, row in enumerate(rows())])
    )
    assert [snapshots.caption(each) for each in album.entries[:2]] == ["a photo of a acme mark on a shoe", "my words"]


def test_retouching_never_mirrors(tmp_path: Path) -> None:
    """A white left half stays left, however it is varied."""
    images = torch.zeros(16, 3, 40, 40, dtype=torch.uint8)
    images[..., :20] = 255
    varied = retouch(images, RetouchConfig(occluded_share=0), 32, seed=3).float()
    assert bool((varied[..., :10].mean((1, 2, 3)) > varied[..., 22:].mean((1, 2, 3))).all())
    assert len({image.numpy().tobytes() for image in varied}) > 8
    assert torch.equal(varied, retouch(images, RetouchConfig(occluded_share=0), 32, seed=3).float())
