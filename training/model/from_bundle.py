"""A bundle as a start: the weights of its ONNX towers, back in a network of ours.

An exporter folds each batch norm into the convolution before it. What comes back first is that convolution, and a norm
that only adds; then the norms are given the statistics of photographs, so that training, which normalises by each
batch, starts from the same network. What came back is held against the bundle's files, and refused where it differs.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from training.config import ModelConfig
from training.data.captions import vocabulary
from training.export.probe import ProbePlan, draw
from training.model.graph import Map, constants, maps
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
    modules = _as_computed(visual, pixels[:1])
    linear = [module for module in modules if not _is_norm(module)]
    fits = len(linear) == len(found) and all(
        module.weight.shape == each.weight.shape for module, each in zip(linear, found, strict=True)
    )
    if not fits:
        raise ConfigurationError(f"model.start: the bundle {path} cannot be taken back into a network; use its run")
    left, bias = iter(found), None
    for module in modules:
        if _is_norm(module):
            _only_adds(module, bias)
        bias = None if _is_norm(module) else _take(module, next(left))
    _give_statistics([module for module in modules if _is_norm(module)], visual, pixels)


def _is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.batchnorm._BatchNorm)


def _as_computed(visual: nn.Module, pixels: Tensor) -> list[nn.Module]:
    """Its linear maps and batch norms, in the order in which they are computed."""
    order: list[nn.Module] = []
    kinds = (nn.Conv2d, nn.Linear, nn.modules.batchnorm._BatchNorm)
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: order.append(module))
        for module in visual.modules()
        if isinstance(module, kinds)
    ]
    visual(pixels)
    _remove(hooks)
    return order


def _take(module: nn.Module, found: Map) -> Tensor | None:
    """Give a linear map its weights -> the bias that is left for the norm behind it."""
    assert isinstance(module, nn.Conv2d | nn.Linear)
    module.weight.copy_(found.weight)
    if module.bias is None:
        return found.bias
    if found.bias is not None:
        module.bias.copy_(found.bias)
    return None


def _only_adds(norm: nn.Module, bias: Tensor | None) -> None:
    assert isinstance(norm, nn.modules.batchnorm._BatchNorm)
    nn.init.ones_(norm.weight)
    nn.init.zeros_(norm.bias)
    if bias is not None:
        norm.bias.copy_(bias)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)


def _give_statistics(norms: Sequence[nn.Module], visual: nn.Module, pixels: Tensor) -> None:
    """Let each norm that only adds say the same as one that knows the mean and spread of what it sees."""
    seen: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen[module] = inputs[0]

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    visual(pixels)
    _remove(hooks)
    for norm, values in seen.items():
        assert isinstance(norm, nn.modules.batchnorm._BatchNorm)
        variance, mean = torch.var_mean(values, dim=(0, 2, 3), correction=0)
        norm.bias.add_(mean)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.load_state_dict({**norm.state_dict(), "running_mean": mean, "running_var": variance})


def _remove(hooks: Sequence[RemovableHandle]) -> None:
    for hook in hooks:
        hook.remove()


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
