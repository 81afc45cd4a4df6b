"""Laws of the objectives over brands and captions."""

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from tests.training.objective.seeing import BRAND, FORGED, random_vectors, seen, unit
from training.config.objectives import ArcFaceConfig, ClipConfig, ForgedMarginConfig, SigLipConfig, SupConConfig
from training.objective.arcface import ArcFace
from training.objective.captions import Clip, SigLip
from training.objective.forged_margin import ForgedMargin
from training.objective.supcon import SupCon

SUPCON = SupCon(SupConConfig(temperature=0.1, forged_weight=0.3))
MARGIN = ForgedMargin(ForgedMarginConfig(margin=0.05))


def test_brands_told_apart_cost_less_than_brands_mixed() -> None:
    apart = unit([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
    mixed = unit([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1], [0, 1]])
    right, wrong = (SUPCON(seen(vectors)) for vectors in (apart, mixed))
    assert right < 0.1 < wrong


def test_supervised_contrast_is_its_formula() -> None:
    """Khosla et al., eq. 2, written out for three views of two brands."""
    vectors = random_vectors(3)
    brand, forged = torch.tensor([0, 0, 1]), torch.zeros(3, dtype=torch.bool)
    logits = vectors @ vectors.T / 0.1
    rows = [torch.logsumexp(logits[i, [1 - i, 2]], 0) - logits[i, 1 - i] for i in (0, 1)]
    assert float(SUPCON(seen(vectors, brand, forged))) == pytest.approx(float(torch.stack(rows).mean()), abs=1e-5)


def test_a_forgery_of_the_same_brand_does_not_repel_genuine_views() -> None:
    """With the pull of forgeries off, moving one of them changes nothing for its own brand."""
    near, far = random_vectors(4), random_vectors(4)
    far[2] = -near[0]
    brand, forged = torch.tensor([0, 0, 0, 1]), torch.tensor([False, False, True, False])
    apart = SupCon(SupConConfig(temperature=0.1, forged_weight=0.0))
    assert float(apart(seen(near, brand, forged))) == pytest.approx(float(apart(seen(far, brand, forged))))


def test_order_of_the_batch_does_not_matter() -> None:
    vectors, order = random_vectors(), torch.tensor([5, 2, 0, 4, 1, 3])
    there, back = SUPCON(seen(vectors)), SUPCON(seen(vectors[order], BRAND[order], FORGED[order]))
    assert float(there) == pytest.approx(float(back), abs=1e-5)


def test_a_batch_of_one_brand_has_nothing_to_contrast() -> None:
    vectors = random_vectors().requires_grad_()
    SUPCON(seen(vectors, torch.zeros(6, dtype=torch.int64))).backward()
    assert vectors.grad is not None
    assert not vectors.grad.any()


def test_the_margin_is_content_when_forgeries_stand_back() -> None:
    stands_back = unit([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1], [1, 1]])
    assert float(MARGIN(seen(stands_back))) == 0
    imitates = unit([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
    assert float(MARGIN(seen(imitates))) == pytest.approx(0.05)


def test_without_forgeries_the_margin_is_zero() -> None:
    assert float(MARGIN(seen(random_vectors(), forged=torch.zeros(6, dtype=torch.bool)))) == 0


def test_equal_captions_are_equally_right() -> None:
    tokens = torch.tensor([[1, 2], [1, 2], [3, 2]])
    vectors = unit([[1, 0], [1, 0], [0, 1]])
    right = Clip(ClipConfig())(seen(vectors, captions=vectors, tokens=tokens, scale=50.0))
    assert float(right) == pytest.approx(float(torch.log(torch.tensor(2.0))) * 2 / 3, abs=1e-3)


def test_the_sigmoid_loss_is_its_formula() -> None:
    """Zhai et al., eq. 1, for two images whose captions differ, with the paper's first factor and offset."""
    images, captions = random_vectors(2), random_vectors(2, 1)
    logits = 10 * images @ captions.T - 10
    right, wrong = logits.diagonal(), torch.stack([logits[0, 1], logits[1, 0]])
    expected = -(torch.nn.functional.logsigmoid(right) + torch.nn.functional.logsigmoid(-wrong)).mean()
    found = SigLip(SigLipConfig())(seen(images, BRAND[:2], FORGED[:2], captions)).detach()
    assert float(found) == pytest.approx(float(expected), abs=1e-5)


def test_equal_captions_are_no_strangers_to_the_sigmoid_loss() -> None:
    vectors, tokens = unit([[1, 0], [1, 1]]), torch.tensor([[1, 2], [1, 2]])
    said = seen(vectors, BRAND[:2], FORGED[:2], vectors, tokens)
    other = seen(vectors, BRAND[:2], FORGED[:2], vectors)
    apart = SigLip(SigLipConfig())
    assert float(apart(said).detach()) != pytest.approx(float(apart(other).detach()))


def test_brands_at_their_centres_cost_less_than_at_others() -> None:
    torch.manual_seed(0)
    classes = ArcFace(ArcFaceConfig(scale=16.0), 8, 2)
    (centres,) = classes.parameters()
    towards = torch.nn.functional.normalize(centres.detach().T, dim=1)
    right, wrong = (classes(seen(towards[rows])) for rows in (BRAND, 1 - BRAND))
    assert right < 1 < wrong


def test_a_forgery_weighs_less_in_its_class() -> None:
    """Where only the forged views are wrong, the loss grows with their weight."""
    torch.manual_seed(0)
    losses = []
    for weight in (0.0, 0.3, 1.0):
        torch.manual_seed(0)
        classes = ArcFace(ArcFaceConfig(scale=16.0, forged_weight=weight), 8, 2)
        (centres,) = classes.parameters()
        towards = torch.nn.functional.normalize(centres.detach().T, dim=1)
        rows = torch.where(FORGED, 1 - BRAND, BRAND)
        losses.append(float(classes(seen(towards[rows])).detach()))
    assert losses == sorted(losses)
    assert losses[0] < losses[2]
