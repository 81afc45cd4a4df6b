"""Pairs are photographed alike for genuine and forged, brought into one frame, and the same for the same seed."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from training import pair_set
from training.pair_set import PairSet, Sources
from training.pairs import Group, photograph_group
from training.synthesis import brand
from training.synthesis.artwork import share_of
from vision.geometry.features import luminance
from vision.geometry.registration import correlation, local_contrast
from vision.measures.comparator import PAIR_PX


def group(seed: int = 0) -> Group:
    return photograph_group(brand.draw(2_000_003, 256).artwork, np.random.default_rng(seed), 2, 4)


@pytest.fixture(scope="module")
def one() -> Group:
    return group()


def test_a_group_has_its_shapes_and_every_second_listing_forged(one: Group) -> None:
    assert one.references.shape == (2, PAIR_PX, PAIR_PX, 3)
    assert one.listings.shape == (4, PAIR_PX, PAIR_PX, 3)
    assert [bool(kind) for kind in one.kind] == [False, True, False, True]
    assert [bool(rows.any()) for rows in one.altered] == [False, True, False, True]
    assert list(one.severity > 0) == [False, True, False, True]
    assert 0.05 < (one.ink > 127).mean() <= one.mark.mean() < 0.9


def test_the_same_seed_gives_the_same_bytes(one: Group) -> None:
    again, other = group(), group(1)
    for field in dataclasses.fields(Group):
        assert np.array_equal(getattr(one, field.name), getattr(again, field.name)), field.name
    assert not np.array_equal(one.listings, other.listings)


def test_a_genuine_listing_lies_on_its_reference(one: Group) -> None:
    reference, listing = (local_contrast(luminance(pixels)) for pixels in (one.references[0], one.listings[0]))
    inside = cv2.dilate(one.ink, np.ones((5, 5), np.uint8)).astype(np.float32)
    upright = correlation(reference, listing, inside)
    assert upright > 0.5
    assert upright > correlation(reference, np.ascontiguousarray(listing[:, ::-1]), inside)


def test_chunks_are_written_once_and_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_set, "CHUNK", 1)
    sources = Sources((), 5)
    first = next(iter(pair_set.write(sources, tmp_path, 1))).stat().st_mtime_ns
    paths = list(pair_set.write(sources, tmp_path, 1)) + list(pair_set.write(sources, tmp_path, 1, first=1))
    assert paths[0].stat().st_mtime_ns == first
    pairs = PairSet.load(tmp_path)
    assert list(pairs.brand) == [0, 1]
    assert pairs.listings.shape[:2] == (2, 8)
    assert len(pairs.where(pairs.brand == 1)) == 1


def test_an_empty_folder_of_pairs_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no chunk"):
        PairSet.load(tmp_path)


def test_shading_leaves_the_marks_outline_alone() -> None:
    artwork = brand.draw(2_000_003, 128).artwork
    shaded = pair_set.shaded(artwork, np.random.default_rng(0))
    assert np.array_equal(shaded[..., 3], artwork[..., 3])
    assert not np.array_equal(shaded[..., :3], artwork[..., :3])


def test_the_share_of_a_name_is_stable_and_even() -> None:
    shares = [share_of(f"brand {number}") for number in range(400)]
    assert share_of("acme") == pytest.approx(0.50847171, abs=1e-6)
    assert 0.4 < np.mean(np.array(shares) < 0.5) < 0.6
