"""Checkpoints: weights as safetensors, the optimiser's state beside them, written whole or not at all."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from vision.errors import ConfigurationError

WEIGHTS = "weights.safetensors"
AVERAGE = "average.safetensors"
BLEND = "blend.safetensors"
BEST = "best.safetensors"
STATE = "state.pt"


@dataclass(frozen=True, eq=False)
class Progress:
    """All that a run needs to go on."""

    model: nn.Module
    average: nn.Module
    blend: nn.Module  # the objectives' own weights
    optimiser: Optimizer
    best: dict[str, Tensor] = field(default_factory=dict)  # averaged weights of the best validation, if looked for


def save(folder: Path, progress: Progress, step: int) -> None:
    """Replace the checkpoint in `folder` by one after `step` steps; a crash leaves the old one."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_weights(progress.model, fresh / WEIGHTS)
    save_weights(progress.average, fresh / AVERAGE)
    save_weights(progress.blend, fresh / BLEND)
    if progress.best:
        save_file(progress.best, fresh / BEST)
    torch.save({"step": step, "optimiser": progress.optimiser.state_dict()}, fresh / STATE)
    old = folder.with_name(folder.name + ".old")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.replace(old)
    fresh.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def restore(folder: Path, progress: Progress) -> int:
    """Load the checkpoint in `folder`, if there is one -> steps already made."""
    old = folder.with_name(folder.name + ".old")
    if old.is_dir() and not folder.exists():  # a crash between the two renames of `save`
        old.replace(folder)
    if not (folder / STATE).is_file():
        return 0
    load_weights(progress.model, folder / WEIGHTS)
    load_weights(progress.average, folder / AVERAGE)
    load_weights(progress.blend, folder / BLEND)
    if (folder / BEST).is_file():
        progress.best.update(load_file(folder / BEST))
    state = torch.load(folder / STATE, weights_only=True, map_location="cpu")
    progress.optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def save_weights(module: nn.Module, path: Path) -> None:
    """Write parameters and buffers."""
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, path)


def load_weights(module: nn.Module, path: Path) -> None:
    """Read what `save_weights` wrote. Errors: `ConfigurationError` for a file absent, damaged or of another model."""
    try:
        module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as fault:
        raise ConfigurationError(f"{path} does not hold this model's weights: {fault}") from fault
