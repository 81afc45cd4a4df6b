"""Export: the network as an ONNX file that takes bytes, refused where it does not say what torch says."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.comparator.network import Comparator
from vision.errors import ExportRefused
from vision.measures.comparator import PAIR_PX
from vision.runtime import open_session

FILE = "comparator.onnx"
OPSET = 17
LARGEST_DIFFERENCE = 1e-2  # of a logit, on the worst of the probes
_PROBES = 4


class Served(nn.Module):
    """One photo `uint8 [1, P, P, 3]` against references `uint8 [K, P, P, 3]` with ink `float [1, P, P]`."""

    def __init__(self, network: Comparator) -> None:
        super().__init__()
        self.network = network

    def forward(self, photo: Tensor, references: Tensor, ink: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits `[K]`, map logits `[K, C, C]` and fault logits `[K, F]`."""
        sides = (side.permute(0, 3, 1, 2).float() / 255 for side in (photo, references))
        logit, drawn, faults = self.network(*sides, ink[:, None])
        return logit, drawn, faults


def export(network: Comparator, path: Path) -> float:
    """Write the network -> largest difference of a logit from torch's. Errors: `ExportRefused`."""
    served = Served(network).eval()
    probes = _probes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's notes on constants, and on the exporter's own age
        torch.onnx.export(
            served,
            probes,
            str(path),
            input_names=["photo", "references", "ink"],
            output_names=["logit", "map", "faults"],
            dynamic_axes={"references": {0: "k"}, "logit": {0: "k"}, "map": {0: "k"}, "faults": {0: "k"}},
            opset_version=OPSET,
            dynamo=False,
        )
    off = difference(served, path)
    if not off <= LARGEST_DIFFERENCE:
        raise ExportRefused(
            f"the exported comparator differs from torch by {off:.4f} of a logit, at most"
            f" {LARGEST_DIFFERENCE} is allowed; this network does not survive the export"
        )
    return off


def difference(served: Served, path: Path) -> float:
    """The largest difference of a logit between a network and a file, with several references and with one."""
    probes = _probes()
    return max(_difference(served, path, probes), _difference(served, path, (probes[0], probes[1][:1], probes[2])))


def _probes() -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(0)
    photo, references = (rng.integers(0, 256, (n, PAIR_PX, PAIR_PX, 3), np.uint8) for n in (1, _PROBES))
    return torch.from_numpy(photo), torch.from_numpy(references), torch.rand((1, PAIR_PX, PAIR_PX))


def _difference(served: Served, path: Path, probes: tuple[Tensor, Tensor, Tensor]) -> float:
    with torch.no_grad():
        expected = [part.numpy() for part in served(*probes)]
    names = ("photo", "references", "ink")
    found = open_session(path).run({name: probe.numpy() for name, probe in zip(names, probes, strict=True)})
    return max(float(np.abs(a - b).max()) for a, b in zip(expected, found, strict=True))
