"""The batch camera is reproducible, and its poses are what a pinhole sees."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from torch import Tensor

from training import augment, backdrop
from training.config import AugmentConfig

NO_CLUTTER = np.zeros((0, 8, 8, 4), np.uint8)
BANK = augment.Bank.of(backdrop.draw(6, 80, NO_CLUTTER, seed=3), seed=3)


def marks(count: int) -> Tensor:
    mark = torch.zeros(count, 4, 64, 64, dtype=torch.uint8)
    mark[:, 0, 8:56, 8:56] = 220
    mark[:, 3, 8:56, 8:56] = 255
    return mark


def shoot(seed: int, count: int = 24, config: AugmentConfig = AugmentConfig()) -> Tensor:  # noqa: B008
    products = torch.arange(count) % len(backdrop.PRODUCTS)
    return augment.photograph(marks(count), products, BANK, config, 64, torch.Generator().manual_seed(seed))


def test_photographs_have_the_shape_asked_for() -> None:
    photos = shoot(0)
    assert photos.shape == (24, 3, 64, 64)
    assert photos.dtype == torch.uint8


def test_one_seed_one_batch() -> None:
    assert torch.equal(shoot(1), shoot(1))
    assert not torch.equal(shoot(1), shoot(2))


def test_it_does_not_touch_the_global_generator() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    shoot(1)
    assert torch.equal(torch.rand(1), expected)


def test_a_frontal_pose_spans_the_frame_it_is_asked_to() -> None:
    still = AugmentConfig(tilt_deg=0, roll_deg=0, stretch=0)
    dice = augment.Dice(torch.Generator().manual_seed(0))
    pose = augment._poses(torch.tensor([1.0]), torch.tensor([True]), still, dice)[0]
    corners = pose @ torch.tensor([[-1.0, 1], [-1, 1], [1, 1]])
    width = (corners[0] / corners[2]).diff()
    assert float(width) == pytest.approx(2.0, abs=1e-4)


def test_the_plane_inverts_the_pose() -> None:
    dice = augment.Dice(torch.Generator().manual_seed(4))
    poses = augment._poses(torch.full((5,), 0.8), torch.zeros(5, dtype=torch.bool), AugmentConfig(), dice)
    plane = augment._plane(poses, 16)
    points = torch.cat([plane, torch.ones(5, 16, 16, 1)], -1).view(5, -1, 3) @ poses.transpose(1, 2)
    frame = (points[..., :2] / points[..., 2:]).view(5, 16, 16, 2)
    axis = (torch.arange(16) + 0.5) / 8 - 1
    inside = plane.abs().amax(-1) < 1
    expected = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).expand(5, -1, -1, -1)
    torch.testing.assert_close(frame[inside], expected[inside], atol=1e-3, rtol=0)


def test_a_finish_keeps_the_outline() -> None:
    mark = augment._at_scale(marks(4), 64)
    finished = augment._finish(mark, torch.ones(4, dtype=torch.bool), augment.Dice(torch.Generator().manual_seed(0)))
    assert torch.equal(finished[:, 3], mark[:, 3])
    assert float(finished[:, :3].max()) <= 1
