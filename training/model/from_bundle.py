"""A bundle as a start: the weights of its ONNX towers, back in a network of ours.

What came back (`unfold`) is held against the bundle's files, and refused where it differs.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.config import ModelConfig
from training.data.captions import vocabulary
from training.export.probe import ProbePlan, draw
from training.model.graph import Map, constants, maps
from training.model.unfold import unfold
from vision.bundle import Bundle, EmbedderSpec
from vision.embedder import preprocess
from vision.errors import ConfigurationError
from vision.runtime import open_session
from vision.vocabulary import Vocabulary

LEAST_COSINE = 0.999  # between the network and the bundle's files, on the worst of the probes
_PROBES = ProbePlan(brands=8, references=2, views=1, strangers=8, calibration=0)


def load_bundle(network: nn.Module, path: Path, config: ModelConfig) -> None:
    """Put a bundle's towers into a network of the same architecture.

    Errors: `BundleInvalid`; `ConfigurationError` where the bundle is of another architecture, or cannot be taken back.
    """
    bundle = Bundle.open(path)
    spec = _readable(bundle.spec.embedder, path)
    if (spec.architecture, spec.dim) != (config.vision, config.dim) or config.open_clip is not None:
        raise ConfigurationError(
            f"model.start: the bundle {path} is {spec.architecture} with {spec.dim} dimensions,"
            f" not {config.open_clip or config.vision} with {config.dim}"
        )
    pixels = torch.from_numpy(preprocess(draw(_PROBES).photographs, spec))
    visual, text = network.get_submodule("visual"), network.get_submodule("text")
    network.eval()
    with torch.no_grad():
        _into_image(visual, maps(onnx.load(str(path / spec.image.file))), pixels, path)
        _require_same(visual, pixels, path / spec.image.file)
        if spec.text is not None and spec.vocabulary is not None:
            words = vocabulary(config.context_tokens)
            if Vocabulary.load(path / spec.vocabulary.file) != words:
                raise ConfigurationError(f"model.start: the text tower of {path} reads other words than are trained on")
            _into_text(text, onnx.load(str(path / spec.text.file)), path)
            _require_same(text, torch.from_numpy(words.encode(["a red round mark", "a bag"])), path / spec.text.file)


def _readable(spec: EmbedderSpec, path: Path) -> EmbedderSpec:
    """The embedder in a precision that gradients can start from."""
    for precision in ("fp32", "fp16"):
        if precision in spec.variants:
            return spec.at(precision)
    if spec.precision == "int8":
        raise ConfigurationError(
            f"model.start: the bundle {path} holds only int8, which cannot be trained on; use its run"
        )
    return spec


# --- the image tower ----------------------------------------------------------------------------


def _into_image(visual: nn.Module, found: Sequence[Map], pixels: Tensor, path: Path) -> None:
    if not unfold(visual, found, (pixels,)):
        raise ConfigurationError(f"model.start: the bundle {path} cannot be taken back into a network; use its run")


# --- the text tower -----------------------------------------------------------------------------


def _into_text(text: nn.Module, model: onnx.ModelProto, path: Path) -> None:
    """Most weights keep their names; matrices that were turned lose them, and come in the order of their use."""
    state, known = text.state_dict(), constants(model)
    named = {name: next(_called(name, known), None) for name in state}
    lost = [name for name, values in named.items() if values is None]
    matrices = [each.weight for each in maps(model) if not each.is_named]
    if [state[name].shape for name in lost] != [matrix.shape for matrix in matrices]:
        raise ConfigurationError(f"model.start: the text tower of {path} cannot be taken back; use the bundle's run")
    found = {name: torch.tensor(values) for name, values in named.items() if values is not None}
    text.load_state_dict({**state, **found, **dict(zip(lost, matrices, strict=True))})


def _called(name: str, known: Mapping[str, NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """What a graph holds under a weight's name, behind the name of its tower."""
    return (values for key, values in known.items() if key == name or key.endswith(f".{name}"))


def _require_same(tower: nn.Module, probes: Tensor, file: Path) -> None:
    session = open_session(file)
    expected = session.run({session.inputs[0]: probes.numpy()})[0]
    found = nn.functional.normalize(tower(probes), dim=-1).numpy()
    worst = float((found * expected).sum(1).min())
    if not worst >= LEAST_COSINE:  # true for not-a-number too
        raise ConfigurationError(
            f"model.start: taken back into a network, {file} says something else (worst cosine {worst:.4f} of at least"
            f" {LEAST_COSINE}); use the bundle's run"
        )
