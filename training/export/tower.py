"""Tower: one half of a network, as a module and as an ONNX file with a free batch size."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch
from timm.utils.model import reparameterize_model
from torch import Tensor, nn

from training.export.source import Network
from vision.errors import ExportRefused

OPSET = 17
Side = Literal["image", "text"]
_INPUTS: dict[Side, str] = {"image": "image", "text": "tokens"}
_MOST_BYTES = 2**31 - 2**20  # of an ONNX file in one piece


class ImageTower(nn.Module):
    """Normalised pixels `[B, 3, S, S]` -> unit vectors `[B, D]`."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Embed a batch."""
        vectors: Tensor = self.network.encode_image(image, normalize=True)
        return vectors


class TextTower(nn.Module):
    """Tokens `[B, T]` -> unit vectors `[B, D]`."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed a batch."""
        vectors: Tensor = self.network.encode_text(tokens, normalize=True)
        return vectors


def tower(network: Network, side: Side) -> nn.Module:
    """One half of the network, for inference."""
    return (ImageTower(network) if side == "image" else TextTower(network)).eval()


def write(module: nn.Module, example: Tensor, path: Path, side: Side) -> None:
    """Write one tower in fp32. Errors: `ExportRefused` for one that no single ONNX file can hold."""
    name = _INPUTS[side]
    with warnings.catch_warnings(), _plain_attention():
        warnings.simplefilter("ignore")  # the tracer's notes on constants, and on the exporter's own age
        torch.onnx.export(
            fused(module),
            (example,),
            str(path),
            input_names=[name],
            output_names=["embedding"],
            dynamic_axes={name: {0: "batch"}, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    _require_one_piece(path, side)


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Attention by its parts: torch's fast path is one operator, which ONNX has not."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def fused(module: nn.Module) -> nn.Module:
    """The module with branches that only training needed folded into one, where it has any: same values, faster."""
    return reparameterize_model(module).eval()


def _require_one_piece(path: Path, side: Side) -> None:
    if path.stat().st_size > _MOST_BYTES or len(list(path.parent.iterdir())) > 1:
        raise ExportRefused(
            f"the {side} tower takes more than 2 GiB in fp32, which no single ONNX file holds; choose a smaller network"
        )
