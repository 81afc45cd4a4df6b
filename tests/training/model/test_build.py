"""The model is built as asked, and sees pixels as the served one does."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from safetensors.torch import save_file

from tests.training.model.small import register
from training import model
from training.config import ModelConfig
from training.model.architecture import OPENAI_MEAN, OPENAI_STD
from vision.bundle import EmbedderSpec, Part
from vision.embedder import preprocess
from vision.errors import ConfigurationError

SMALL = ModelConfig(vision="resnet10t", input_px=32, dim=24, text_width=32, text_layers=1, text_heads=2)


def test_both_towers_give_unit_vectors_of_the_dimension() -> None:
    network = model.build(SMALL, 50).eval()
    tokens = torch.tensor([[5, 2] + [0] * 14])
    pixels = torch.randn(2, 3, 32, 32)
    for vectors in (network.encode_image(pixels, normalize=True), network.encode_text(tokens, normalize=True)):
        assert vectors.shape[1] == 24
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(vectors)))


def test_padding_does_not_change_a_caption() -> None:
    network = model.build(SMALL, 50).eval()
    tokens = torch.tensor([[5, 7, 2] + [0] * 13, [5, 7, 2] + [9] * 13])
    first, second = network.encode_text(tokens, normalize=True)
    torch.testing.assert_close(first, second)


def test_an_unknown_architecture_is_refused_with_others() -> None:
    with pytest.raises(ConfigurationError, match="resnet1"):
        model.build(ModelConfig(vision="resnet1000"), 50)


def test_training_and_serving_see_the_same_numbers() -> None:
    """`normalised` in training is `preprocess` of the served embedder."""
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    part = Part(file="image.onnx", sha256="0" * 64)
    spec = EmbedderSpec(
        architecture="any", input_px=32, mean=model.MEAN, std=model.STD, resize="squash", dim=1, image=part
    )
    trained = model.normalised(torch.from_numpy(image).permute(2, 0, 1)[None]).numpy()
    np.testing.assert_allclose(trained, preprocess([image], spec), atol=1e-6)


def test_an_open_clip_architecture_is_built_at_the_side_asked_for(tmp_path: Path) -> None:
    settings = ModelConfig(open_clip=register(tmp_path), input_px=64)
    vectors = model.build(settings).eval().encode_image(torch.randn(2, 3, 64, 64))
    assert vectors.shape == (2, model.dim(settings)) == (2, 16)
    assert model.statistics(settings) == (OPENAI_MEAN, OPENAI_STD)


def test_its_own_weights_come_back_from_a_file(tmp_path: Path) -> None:
    settings = ModelConfig(open_clip=register(tmp_path), input_px=32)
    saved = model.build(settings)
    save_file(saved.state_dict(), tmp_path / "weights.safetensors")
    read = model.build(settings.model_copy(update={"start": str(tmp_path / "weights.safetensors")}))
    assert torch.equal(read.visual.conv1.weight, saved.visual.conv1.weight)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"open_clip": "ViT-B-33"}, "nearest are .*ViT-B-32"),
        ({"open_clip": "ViT-B-32", "pretrained": "mine"}, "no pretrained weights 'mine'; choose from openai"),
    ],
)
def test_what_open_clip_does_not_know_is_refused_with_what_it_knows(settings: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        model.build(ModelConfig.model_validate({**settings, "input_px": 224}))


def test_weights_that_cannot_be_fetched_are_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigurationError, match=r"could not be downloaded.*name it as model\.start"):
        model.build(ModelConfig(open_clip="MobileCLIP2-S0", pretrained="dfndr2b", input_px=256))


def test_a_tags_pixels_are_those_its_weights_were_trained_with() -> None:
    settings = ModelConfig(open_clip="MobileCLIP2-S0", pretrained="dfndr2b", input_px=256)
    assert model.statistics(settings) == ((0, 0, 0), (1, 1, 1))
