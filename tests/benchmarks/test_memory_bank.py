"""The memory bank: what is in it is near, what is not is far, and cells that are not kept do not count."""

import numpy as np
import pytest

from benchmarks.forgery import anomalib_bank
from benchmarks.forgery.memory_bank import MemoryBank, cells_of, locally_aware, nearest

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(3, 5, 6, 6)).astype(np.float32)


def test_a_picture_of_the_bank_is_no_distance_away_and_a_changed_cell_is() -> None:
    bank = MemoryBank.of(MAPS)
    assert bank.score(MAPS[:1]) == pytest.approx(0, abs=1e-2)
    changed = MAPS[:1].copy()
    changed[0, :, 3, 3] += 9
    assert bank.score(changed) > 0.9


def test_cells_left_out_do_not_count() -> None:
    changed = MAPS[:1].copy()
    changed[0, :, 0, 0] += 9
    keep = np.ones((6, 6), np.bool_)
    keep[:2, :2] = False
    bank = MemoryBank.of(MAPS)
    assert bank.score(changed, keep) == pytest.approx(0, abs=1e-2)
    assert bank.score(changed, None) > 0.9


def test_a_patch_is_the_mean_of_its_neighbourhood() -> None:
    patches = locally_aware(MAPS)
    assert patches.shape == (3, 6, 6, 5)
    assert patches[1, 2, 3] == pytest.approx(MAPS[1, :, 1:4, 2:5].mean(axis=(1, 2)), abs=1e-5)


def test_nearest_agrees_with_all_distances() -> None:
    queries, bank = RNG.normal(size=(7, 4)).astype(np.float32), RNG.normal(size=(9, 4)).astype(np.float32)
    all_distances = np.linalg.norm(queries[:, None] - bank[None], axis=2)
    assert nearest(queries, bank) == pytest.approx(all_distances.min(axis=1), abs=1e-4)


def test_cells_under_the_mark_are_kept() -> None:
    mark = np.zeros((224, 224), np.bool_)
    mark[:112, :112] = True
    assert cells_of(mark, 6, 4).tolist() == [[True, True, False, False]] * 3 + [[False] * 4] * 3


def test_anomalibs_bank_ranks_as_ours_does() -> None:
    if reason := anomalib_bank.absence():
        pytest.skip(reason)
    maps = RNG.normal(size=(8, 16, 14, 14)).astype(np.float32)
    bank = anomalib_bank.on_maps(maps, None)
    assert bank.score(maps[:1], None) < bank.score(maps[:1] * 3, None)
