"""Cover: things over a mark, and where they are."""

import numpy as np
import pytest

from training.comparator.cover import KINDS, MOST_COVERED, cover

SIDE = 160


def crops(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return tuple(rng.random((SIDE, SIDE, 3)).astype(np.float32) for _ in range(2))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_only_what_is_covered_changes(kind: str, seed: int) -> None:
    crop, other = crops(seed)
    seen, mask = KINDS[kind](crop, other, np.random.default_rng(seed))
    assert seen.shape == crop.shape
    assert mask.shape == (SIDE, SIDE)
    assert seen.dtype == mask.dtype == np.float32
    assert 0 <= mask.min() <= mask.max() <= 1
    assert 0 <= seen.min() <= seen.max() <= 1
    np.testing.assert_array_equal(seen[mask == 0], crop[mask == 0])


@pytest.mark.parametrize("seed", range(12))
def test_enough_of_the_crop_is_left_to_see_and_the_same_chance_covers_alike(seed: int) -> None:
    crop, other = crops(seed)
    seen, mask = cover(crop, other, np.random.default_rng(seed))
    assert mask.mean() < MOST_COVERED
    assert np.array_equal(seen, cover(crop, other, np.random.default_rng(seed))[0])


def test_things_come_from_beyond_the_crop_or_lie_over_all_of_it() -> None:
    crop, other = crops(0)
    for kind in ("limbs", "thing", "edge"):
        masks = [KINDS[kind](crop, other, np.random.default_rng(seed))[1] > 0.5 for seed in range(20)]
        rims = [m[0].any() or m[-1].any() or m[:, 0].any() or m[:, -1].any() for m in masks if m.any()]
        assert np.mean(rims) > 0.8, kind
