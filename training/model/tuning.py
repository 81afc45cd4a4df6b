"""Tuning: which of a model's weights are trained."""

from collections.abc import Iterator

from torch import nn

from training.config.model import TuningConfig
from training.model import lora
from vision.errors import ConfigurationError

_FACTORS = ("logit_scale", "logit_bias")


def prepare(network: nn.Module, settings: TuningConfig) -> None:
    """Freeze what is not trained. The factor of caption logits always is: it is no part of a tower.

    Errors: `ConfigurationError` for modules that the network does not have, with those it has.
    """
    if settings.mode == "full":
        return
    network.requires_grad_(False)
    if settings.mode == "lora":
        _adapt(network, settings)
    else:
        named = [parameter for name in settings.trained for parameter in _named(network, name)]
        for parameter in named if settings.mode == "partial" else projection(network):
            parameter.requires_grad_(True)
    for name, parameter in network.named_parameters():
        if name in _FACTORS:
            parameter.requires_grad_(True)


def set_training(network: nn.Module) -> None:
    """Training mode, but for what is frozen: its batch norms keep their statistics."""
    network.train()
    for module in network.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()


def projection(network: nn.Module) -> list[nn.Parameter]:
    """The last linear map of the image tower, from features to the embedding: what a linear probe trains."""
    visual = network.visual
    if isinstance(own := getattr(visual, "proj", None), nn.Parameter):  # open_clip's vision transformer
        return [own]
    head = getattr(visual, "head", None)
    linear = [module for module in (head.modules() if head else ()) if isinstance(module, nn.Linear)]
    if not linear and isinstance(trunk := getattr(visual, "trunk", None), nn.Module):  # a timm tower with its own
        linear = [module for module in trunk.modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise ConfigurationError("tuning.mode 'probe': this architecture ends in no linear map; use 'lora'")
    return list(linear[-1].parameters())


def _adapt(network: nn.Module, settings: TuningConfig) -> None:
    modules = dict(network.named_modules())
    for name in settings.adapted:
        if name not in modules:
            raise ConfigurationError(f"tuning.adapted: no module {name!r}; choose from {_choices(network)}")
        if not lora.adapt(modules[name], settings.rank, settings.alpha):
            raise ConfigurationError(f"tuning.adapted: {name!r} has no matrix to adapt")


def _named(network: nn.Module, start: str) -> Iterator[nn.Parameter]:
    """Parameters of a module, or of all whose names begin so."""
    found = [parameter for name, parameter in network.named_parameters() if f"{name}.".startswith(f"{start}.")]
    if not found:
        raise ConfigurationError(f"tuning.trained: nothing is called {start!r}; choose from {_choices(network)}")
    yield from found


def _choices(network: nn.Module, depth: int = 3, most: int = 40) -> str:
    """Names of modules with weights, the outer ones first."""
    names = [name for name, module in network.named_modules() if name and any(True for _ in module.parameters())]
    outer = sorted((name for name in names if name.count(".") < depth), key=lambda name: name.count("."))
    return ", ".join(outer[:most])
