"""A bundle's towers come back as a network that says the same, and can be trained on."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from training import data, model
from training.config import ModelConfig
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder, OnnxTextEmbedder, preprocess
from vision.errors import BundleInvalid, ConfigurationError

MINI = ModelConfig(vision="resnet10t", input_px=96, dim=256, start=str(carried()))


@pytest.fixture(scope="module")
def network() -> model.Network:
    return model.build(MINI)


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    return torch.rand(8, 3, 96, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_both_towers_say_what_the_bundle_says(network: model.Network) -> None:
    bundle = Bundle.open(carried())
    images = list((torch.rand(3, 96, 96, 3, generator=torch.Generator().manual_seed(1)) * 255).to(torch.uint8).numpy())
    network.eval()
    with torch.no_grad():
        seen = network.encode_image(torch.from_numpy(preprocess(images, bundle.spec.embedder)), normalize=True)
        tokens = torch.from_numpy(data.vocabulary(16).encode(["a blue wide mark", "a photo of a shoe"]))
        said = network.encode_text(tokens, normalize=True)
    torch.testing.assert_close(seen, torch.from_numpy(OnnxEmbedder(bundle).embed(images)), atol=2e-3, rtol=0)
    expected = OnnxTextEmbedder(bundle).embed(["a blue wide mark", "a photo of a shoe"])
    torch.testing.assert_close(said, torch.from_numpy(expected), atol=2e-3, rtol=0)


def test_its_norms_know_what_they_see(network: model.Network) -> None:
    """Norms that only added would pass on what they see as it is; in training that would be another network."""
    norms = [module for module in network.visual.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert norms
    assert all(float(norm.running_var.std()) > 0 for norm in norms if norm.running_var is not None)


@pytest.mark.parametrize(
    "change", [{"dim": 128}, {"vision": "resnet18"}, {"context_tokens": 8}, {"start": str(Path(__file__).parent)}]
)
def test_a_bundle_of_another_model_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((ConfigurationError, BundleInvalid)):
        model.build(MINI.model_copy(update=change))
