"""Int8 rounds products and nothing else, by the recipe that suits the network."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import onnx
import torch
from torch import Tensor, nn

from training.export import halves, quantise, tower
from vision.runtime import open_session


class Matrices(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 32))

    def forward(self, image: Tensor) -> Tensor:
        return nn.functional.normalize(self.layers(image), dim=-1)


class Convolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 32, 3, 2), nn.ReLU(), nn.Conv2d(32, 32, 3, 2), nn.ReLU())

    def forward(self, image: Tensor) -> Tensor:
        return nn.functional.normalize(self.layers(image).mean((2, 3)), dim=-1)


def written(module: nn.Module, example: Tensor, folder: Path) -> Path:
    tower.write(module.eval(), example[:2], folder / "image.onnx", "image")
    return folder / "image.onnx"


@pytest.mark.parametrize(
    ("module", "example", "kinds"),
    [
        (Matrices, torch.randn(16, 64), ["dynamic", "static"]),
        (Convolutions, torch.randn(16, 3, 32, 32), ["static", "static"]),
    ],
)
def test_a_network_is_rounded_where_its_weights_are(
    tmp_path: Path, module: type[nn.Module], example: Tensor, kinds: list[str]
) -> None:
    torch.manual_seed(0)
    network = module().eval()
    made = list(quantise.candidates(written(network, example, tmp_path), example.numpy(), tmp_path))
    assert [recipe.name for recipe, _ in made] == kinds
    expected = network(example).detach().numpy()
    for _, path in made:
        stored = [weight for weight in onnx.load(str(path)).graph.initializer if len(weight.dims) > 1]
        assert {weight.data_type for weight in stored} == {onnx.TensorProto.INT8}
        assert max(np.abs(onnx.numpy_helper.to_array(weight).astype(int)).max() for weight in stored) <= 64  # 7 bits
        (found,) = open_session(path).run({"image": example.numpy()})
        assert (expected * found).sum(1).min() > 0.99


def test_without_inputs_no_ranges_are_learned(tmp_path: Path) -> None:
    example = torch.randn(4, 64)
    ((recipe, _),) = quantise.candidates(written(Matrices(), example, tmp_path), None, tmp_path)
    assert recipe.name == "dynamic"


def test_weights_are_stored_by_halves_and_the_batch_is_free(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Matrices().eval()
    whole = onnx.load(str(written(network, torch.zeros(2, 64), tmp_path)))
    smaller = halves.halved(whole)
    assert {weight.data_type for weight in smaller.graph.initializer if len(weight.dims) > 1} == {
        onnx.TensorProto.FLOAT16
    }
    assert {weight.data_type for weight in whole.graph.initializer if len(weight.dims) > 1} == {onnx.TensorProto.FLOAT}
    onnx.save(smaller, str(tmp_path / "half.onnx"))
    images = torch.randn(5, 64)
    (found,) = open_session(tmp_path / "half.onnx").run({"image": images.numpy()})
    np.testing.assert_allclose(found, network(images).detach().numpy(), atol=2e-3)
