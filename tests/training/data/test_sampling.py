"""Batches depend on seed and step alone, and hold what they say."""

from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from training import atlas, config, data
from training.data.photographs import Photographs
from training.data.sampling import Sampler, stage_at
from training.data.split import split

CONFIGS = Path(__file__).parents[3] / "configs" / "train"


def small(cache: Path, *overrides: str) -> config.TrainConfig:
    changes = ["data.procedural_brands=8", "data.validation_brands=2", "data.brands_per_batch=4", f"data.cache={cache}"]
    return config.load(CONFIGS / "smoke.yaml", [*changes, *overrides])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("atlas")


def photographs(cache: Path, *overrides: str) -> Sampler:
    settings = small(cache, *overrides)
    marks = atlas.open_or_draw(settings.data)
    drawn = Photographs(marks, split(marks.brands, 2).training, settings)
    return Sampler((drawn,), (1.0,), settings)


def test_a_batch_depends_on_seed_and_step_alone(cache: Path) -> None:
    once, again = photographs(cache)[3, 0], photographs(cache)[3, 0]
    other_step, other_seed = photographs(cache)[4, 0], photographs(cache, "seed=9")[3, 0]
    assert torch.equal(once.images, again.images)
    assert not torch.equal(once.images, other_step.images)
    assert not torch.equal(once.images, other_seed.images)


def test_a_batch_is_balanced_over_brands(cache: Path) -> None:
    batch = photographs(cache)[0, 0]
    assert batch.images.shape == (16, 3, 64, 64)
    assert sorted(Counter(batch.brand.tolist()).values()) == [4, 4, 4, 4]
    assert not batch.forged.view(4, 4)[:, :3].any()
    assert batch.tokens.shape == (16, 16)


def test_stages_grow_the_photographs(cache: Path) -> None:
    stages = "schedule.stages=[{input_px: 64, until_share: 0.5, least_fill: 0.6}, {input_px: 96, until_share: 0.9}]"
    settings = small(cache, "model.input_px=128", "schedule.steps=100", stages)
    sides = [stage_at(settings, step).input_px for step in (0, 49, 50, 89, 90, 99)]
    assert sides == [64, 64, 96, 96, 128, 128]


def test_versions_of_a_brand_stay_on_one_side_of_the_split() -> None:
    brands = ["acme", "bolt", "acme", "crux", "dune"]
    parts = split(brands, 2)
    sides = [{brands[mark] for row in side for mark in row} for side in (parts.training, parts.validation)]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == set(brands)
    assert len(parts.validation) == 2


def test_the_split_of_a_brand_does_not_depend_on_the_others_order() -> None:
    brands = ["acme", "bolt", "crux", "dune"]
    kept = {brands[row[0]] for row in split(brands, 2).validation}
    turned = brands[::-1]
    assert kept == {turned[row[0]] for row in split(turned, 2).validation}


def test_every_caption_is_made_of_known_words() -> None:
    words = data.vocabulary(16)
    for style in range(3):
        for product in range(10):
            assert 1 not in words.encode([data.caption("red round", product, style)])[0]
