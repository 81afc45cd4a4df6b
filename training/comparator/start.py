"""Start: the weights that a comparator goes on from, of a run of ours or of a bundle's file."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import torch

from training import checkpoint
from training.comparator.augmentation import Pairs
from training.comparator.export import Served, difference
from training.comparator.network import Comparator
from training.model.graph import maps
from training.model.unfold import unfold
from vision.errors import ConfigurationError

LARGEST_DIFFERENCE = 0.05  # of a logit, between the network and the file it was taken from


def load(network: Comparator, path: Path, seen: Iterator[Pairs]) -> None:
    """Put the weights at `path` (`.safetensors`, or `.onnx` as bundles have it) into a network of the same shape.

    `seen` are batches: by the statistics of one the norms of an ONNX file come back. Errors: `ConfigurationError`.
    """
    if path.suffix != ".onnx":
        checkpoint.load_weights(network, path)
        return
    batch = next(seen)
    network.eval()
    with torch.no_grad():
        if not unfold(network, maps(onnx.load(str(path))), (batch.photo, batch.reference, batch.ink)):
            raise ConfigurationError(f"start: {path} is of another network than `network` asks for")
    off = difference(Served(network).eval(), path)
    if not off <= LARGEST_DIFFERENCE:
        raise ConfigurationError(f"start: taken back into a network, {path} says something else ({off:.3f} of a logit)")
