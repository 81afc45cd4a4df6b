"""What is exported says what was trained, in half the bytes."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")
pytest.importorskip("onnx", reason="onnx is not installed (extra: train)")

import onnx
import torch

from training import export
from vision.errors import ExportRefused
from vision.runtime import open_session


class Tower(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(64, 64)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(self.layer(image), dim=-1)


def test_weights_are_stored_by_halves_and_the_batch_is_free(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tower, file = Tower().eval(), tmp_path / "image.onnx"
    export.export_tower(tower, torch.zeros(2, 64), file, "image")
    stored = {weight.data_type for weight in onnx.load(str(file)).graph.initializer}
    assert stored == {onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT}  # the small bias stays whole
    images = torch.randn(5, 64)
    (found,) = open_session(file).run({"image": images.numpy()})
    np.testing.assert_allclose(found, tower(images).detach().numpy(), atol=2e-3)


@pytest.mark.parametrize("wrong", [export.Parity(0.9, 1.0, 1.0), export.Parity(1.0, float("nan"), 1.0)])
def test_files_that_differ_from_torch_are_refused(wrong: export.Parity) -> None:
    with pytest.raises(ExportRefused, match="differ from torch"):
        export._gate(wrong)
