"""Export: the network as an ONNX file that takes a photo's bytes, refused where it does not say what torch says."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.detector.network import DetectorNetwork
from vision.errors import ExportRefused
from vision.runtime import open_session

FILE = "detector.onnx"
OPSET = 17
LARGEST_DIFFERENCE = 1e-2  # of a score, on the worst of the probes
_PROBES = ((96, 128), (64, 64))  # (height, width) px


class Served(nn.Module):
    """One photo `uint8 [1, H, W, 3]`, sides multiples of 32."""

    def __init__(self, network: DetectorNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes `[A, 4]` px and scores `[A]` 0..1."""
        boxes, logits = self.network(photo.permute(0, 3, 1, 2).float() / 255)
        return boxes[0], torch.sigmoid(logits[0])


def export(network: DetectorNetwork, path: Path) -> float:
    """Write the network -> largest difference of a score from torch's. Errors: `ExportRefused`."""
    served = Served(network).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's notes on constants, and on the exporter's own age
        torch.onnx.export(
            served,
            (_probe(_PROBES[0]),),
            str(path),
            input_names=["photo"],
            output_names=["boxes", "scores"],
            dynamic_axes={"photo": {1: "height", 2: "width"}, "boxes": {0: "cells"}, "scores": {0: "cells"}},
            opset_version=OPSET,
            dynamo=False,
        )
    difference = max(_difference(served, path, _probe(shape)) for shape in _PROBES)
    if not difference <= LARGEST_DIFFERENCE:
        raise ExportRefused(
            f"the exported detector differs from torch by {difference:.4f} of a score, at most"
            f" {LARGEST_DIFFERENCE} is allowed; this network does not survive the export"
        )
    return difference


def _probe(shape: tuple[int, int]) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, *shape, 3), np.uint8))


def _difference(served: Served, path: Path, probe: Tensor) -> float:
    with torch.no_grad():
        boxes, scores = (part.numpy() for part in served(probe))
    found = open_session(path).run({"photo": probe.numpy()})
    worst_px = float(np.abs(boxes - found[0]).max())
    return max(float(np.abs(scores - found[1]).max()), worst_px / 1000)
