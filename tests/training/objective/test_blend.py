"""The blend sums what a configuration names."""

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from tests.training.objective.seeing import random_vectors, seen
from training.config.objectives import OF_BRANDS, ClipConfig, ObjectivesConfig, SupConConfig
from training.objective.blend import Blend, Sizes


def test_the_blend_is_the_weighted_sum_of_its_terms() -> None:
    losses = Blend(OF_BRANDS, Sizes(8))(seen(random_vectors())).values()
    assert list(losses) == ["loss", "supcon_loss", "forged_margin_loss", "clip_loss"]
    expected = losses["supcon_loss"] + 0.3 * losses["forged_margin_loss"] + 0.2 * losses["clip_loss"]
    assert losses["loss"] == pytest.approx(expected, abs=1e-5)


def test_an_objective_that_weighs_nothing_is_left_out() -> None:
    settings = ObjectivesConfig(supcon=SupConConfig(), clip=ClipConfig(weight=0))
    assert list(Blend(settings, Sizes(8))(seen(random_vectors())).terms) == ["supcon"]


def test_every_term_has_a_finite_slope_in_half_precision_range() -> None:
    vectors = random_vectors().requires_grad_()
    Blend(OF_BRANDS, Sizes(8))(seen(vectors)).total.backward()
    assert vectors.grad is not None
    assert bool(torch.isfinite(vectors.grad).all())
