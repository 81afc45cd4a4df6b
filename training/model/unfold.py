"""Unfold: a graph's linear maps, back in the network that they were exported from.

An exporter folds each batch norm into the convolution before it. What comes back first is that convolution, and a norm
that only adds; then the norms are given the statistics of what they see, so that training, which normalises by each
batch, starts from the same network.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from training.model.graph import Map


def unfold(network: nn.Module, found: Sequence[Map], probes: Sequence[Tensor]) -> bool:
    """Give a network in eval mode the maps of its graph; False, and nothing changed, where they are of another.

    `probes` are the network's inputs, as many of them and as various as statistics need.
    """
    modules = _as_computed(network, [probe[:1] for probe in probes])
    linear = [module for module in modules if not _is_norm(module)]
    fits = len(linear) == len(found) and all(
        module.weight.shape == each.weight.shape for module, each in zip(linear, found, strict=True)
    )
    if not fits:
        return False
    left, bias = iter(found), None
    for module in modules:
        if _is_norm(module):
            _only_adds(module, bias)
        bias = None if _is_norm(module) else _take(module, next(left))
    _give_statistics([module for module in modules if _is_norm(module)], network, probes)
    return True


def _is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.batchnorm._BatchNorm)


def _as_computed(network: nn.Module, probes: Sequence[Tensor]) -> list[nn.Module]:
    """Its linear maps and batch norms, in the order in which they are first computed."""
    order: dict[nn.Module, None] = {}
    kinds = (nn.Conv2d, nn.Linear, nn.modules.batchnorm._BatchNorm)
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: order.setdefault(module))
        for module in network.modules()
        if isinstance(module, kinds)
    ]
    network(*probes)
    _remove(hooks)
    return list(order)


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


def _give_statistics(norms: Sequence[nn.Module], network: nn.Module, probes: Sequence[Tensor]) -> None:
    """Let each norm that only adds say the same as one that knows the mean and spread of what it sees."""
    seen: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen[module] = inputs[0]

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    network(*probes)
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
