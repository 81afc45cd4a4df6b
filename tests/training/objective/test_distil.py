"""A lesson is learned when the student sees as its teachers do."""

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from tests.training.objective.seeing import random_vectors, seen
from training.config.objectives import DistilConfig, TeacherConfig
from training.objective.distil import Distil, relational

TEACHERS = tuple(TeacherConfig(name=name, source="example.org/teachers", onnx="t.onnx") for name in ("one", "two"))


def test_a_relational_lesson_is_learned_when_neighbourhoods_agree() -> None:
    vectors, rotation = random_vectors(), torch.linalg.qr(torch.randn(8, 8))[0]
    assert float(relational(vectors @ rotation, vectors, 0.1)) == pytest.approx(0, abs=1e-5)
    assert float(relational(random_vectors(seed=5), vectors, 0.1)) > 0.1


@pytest.mark.parametrize("kind", ["cosine", "relational"])
def test_a_lesson_pulls_towards_teachers_of_any_dimension(kind: str) -> None:
    """A few descents on vectors and heads bring the student nearer."""
    torch.manual_seed(0)
    features = (random_vectors(dim=5, seed=2), random_vectors(dim=9, seed=3))
    settings = DistilConfig.model_validate({"kind": kind, "teachers": TEACHERS})
    distil, vectors = Distil(settings, 8, (5, 9)), random_vectors().requires_grad_()
    optimiser = torch.optim.Adam([vectors, *distil.parameters()], lr=0.02)
    losses = []
    for _ in range(40):
        loss = distil(seen(torch.nn.functional.normalize(vectors, dim=1), features=features))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]
    assert len(list(distil.parameters())) == (4 if kind == "cosine" else 0)
