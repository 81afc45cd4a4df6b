"""The model is built as asked, and sees pixels as the served one does."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from training import model
from training.config import ModelConfig
from vision.bundle import EmbedderSpec, Part
from vision.embedder import preprocess
from vision.errors import ConfigurationError

SMALL = ModelConfig(vision="resnet10t", input_px=32, dim=24, text_width=32, text_layers=1, text_heads=2)


def test_both_towers_give_unit_vectors_of_the_dimension() -> None:
    network = model.build(SMALL, 50).eval()
    tokens = torch.tensor([[5, 2] + [0] * 14])
    for vectors in (model.ImageTower(network)(torch.randn(2, 3, 32, 32)), model.TextTower(network)(tokens)):
        assert vectors.shape[1] == 24
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(vectors)))


def test_padding_does_not_change_a_caption() -> None:
    network = model.build(SMALL, 50).eval()
    tokens = torch.tensor([[5, 7, 2] + [0] * 13, [5, 7, 2] + [9] * 13])
    first, second = model.TextTower(network)(tokens)
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
