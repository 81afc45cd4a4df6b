"""Masks lie where the photographs of forged listings differ from those of the genuine mark."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.synthesis import brand
from training.synthesis.artwork import Artwork
from training.synthesis.listings import render, write
from training.synthesis.masks import FOLDER, mask_file, mask_of, write_masks
from training.synthesis.plan import Plan, plan_jobs
from vision.errors import ConfigurationError

PLAN = Plan(brands=2, references=1, listings=4, unrelated=0, listing_conditions=("mild",), long_side_px=(256, 320))


@pytest.fixture(scope="module")
def artworks() -> list[Artwork]:
    return [Artwork(f"brand{seed}", brand.draw(seed, 192).artwork) for seed in (3, 4)]


def test_a_mask_lies_where_forged_and_genuine_photographs_differ(artworks: list[Artwork]) -> None:
    for job in (job for job in plan_jobs(PLAN, artworks) if job.label == "counterfeit"):
        mask, forged = mask_of(job), render(job)[0]
        genuine = render(dataclasses.replace(job, kinds=()))[0]
        assert mask.shape == forged.shape[:2]
        difference = np.abs(forged.astype(np.int16) - genuine).max(axis=2)
        assert difference[mask].mean() > 4 * difference[~mask].mean()


def test_masks_are_written_beside_the_listings_they_belong_to(tmp_path: Path, artworks: list[Artwork]) -> None:
    rows = list(write(PLAN, artworks, tmp_path))
    forged = [row.path for row in rows if row.label == "counterfeit"]
    assert sorted(write_masks(tmp_path, artworks)) == sorted(mask_file(tmp_path, path) for path in forged)
    mask, photo = cv2.imread(str(mask_file(tmp_path, forged[0])), 0), cv2.imread(str(tmp_path / forged[0]))
    assert mask is not None
    assert photo is not None
    assert mask.shape == photo.shape[:2]


def test_a_set_that_would_be_drawn_otherwise_is_refused(tmp_path: Path, artworks: list[Artwork]) -> None:
    list(write(PLAN, artworks, tmp_path))
    with pytest.raises(ConfigurationError, match="draw the set anew"):
        list(write_masks(tmp_path, artworks[::-1]))
    assert not (tmp_path / FOLDER).exists()
    with pytest.raises(ConfigurationError, match="tells no plan"):
        list(write_masks(tmp_path / "references", artworks))
