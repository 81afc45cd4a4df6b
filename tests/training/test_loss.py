"""Laws of the objectives."""

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from torch import Tensor

from training import loss
from training.config import LossConfig

BRAND = torch.tensor([0, 0, 0, 1, 1, 1])
FORGED = torch.tensor([False, False, True, False, False, True])


def unit(rows: list[list[float]]) -> Tensor:
    return torch.nn.functional.normalize(torch.tensor(rows, dtype=torch.float32), dim=1)


def random_vectors(seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(6, 8, generator=generator), dim=1)


def test_brands_told_apart_cost_less_than_brands_mixed() -> None:
    apart = unit([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
    mixed = unit([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1], [0, 1]])
    right, wrong = (loss.brand_contrastive(v, BRAND, FORGED, 0.1, 0.3) for v in (apart, mixed))
    assert right < 0.1 < wrong


def test_a_forgery_of_the_same_brand_does_not_repel_genuine_views() -> None:
    """With the pull of forgeries off, moving one of them changes nothing for its own brand."""
    near, far = random_vectors(), random_vectors()
    far[2] = -near[0]
    own = slice(0, 3)
    losses = [loss.brand_contrastive(v[own], BRAND[own], FORGED[own], 0.1, 0.0) for v in (near, far)]
    assert losses[0] == pytest.approx(float(losses[1]))


def test_order_of_the_batch_does_not_matter() -> None:
    vectors, order = random_vectors(), torch.tensor([5, 2, 0, 4, 1, 3])
    there = loss.brand_contrastive(vectors, BRAND, FORGED, 0.1, 0.3)
    back = loss.brand_contrastive(vectors[order], BRAND[order], FORGED[order], 0.1, 0.3)
    assert float(there) == pytest.approx(float(back), abs=1e-5)


def test_the_margin_is_content_when_forgeries_stand_back() -> None:
    stands_back = unit([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1], [1, 1]])
    assert float(loss.forged_margin(stands_back, BRAND, FORGED, 0.05)) == 0
    imitates = unit([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
    assert float(loss.forged_margin(imitates, BRAND, FORGED, 0.05)) == pytest.approx(0.05)


def test_without_forgeries_the_margin_is_zero() -> None:
    assert float(loss.forged_margin(random_vectors(), BRAND, torch.zeros(6, dtype=torch.bool), 0.05)) == 0


def test_equal_captions_are_equally_right() -> None:
    tokens = torch.tensor([[1, 2], [1, 2], [3, 2]])
    vectors = unit([[1, 0], [1, 0], [0, 1]])
    right = loss.caption_contrastive(vectors, vectors, tokens, torch.tensor(50.0))
    assert float(right) == pytest.approx(float(torch.log(torch.tensor(2.0))) * 2 / 3, abs=1e-3)


def test_every_term_has_a_finite_slope_in_half_precision_range() -> None:
    vectors = random_vectors().requires_grad_()
    tokens = torch.arange(12).view(6, 2)
    losses = loss.objective(vectors, random_vectors(1), tokens, BRAND, FORGED, torch.tensor(14.0), LossConfig())
    losses.total.backward()  # type: ignore[no-untyped-call]
    assert vectors.grad is not None
    assert bool(torch.isfinite(vectors.grad).all())
