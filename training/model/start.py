"""What a model starts from: a run or a bundle of ours, or a checkpoint's file."""

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from training.checkpoint import AVERAGE
from training.config import ModelConfig, expand
from training.export import weights
from vision.bundle import SPEC_FILE
from vision.errors import ConfigurationError

FINAL = "model.safetensors"  # of a run that came to its end
_WRAPPER = "module."  # what an averaged model puts before each name


def start_from(network: nn.Module, config: ModelConfig) -> None:
    """Load the weights of a run, a bundle of ours or a file into a network of the same architecture.

    Errors: `ConfigurationError`, or `CheckpointRefused`, naming the file and what does not fit.
    """
    place = expand(str(config.start))
    if (place / SPEC_FILE).is_file():
        from training.model.from_bundle import (
            load_bundle,  # it photographs probes, which needs much that a file does not
        )

        load_bundle(network, place, config)
        return
    path = _file(place)
    if path.suffix == weights.SAFE and _is_average(path):
        _load_average(network, path)
    else:
        weights.load(network, path)


def _is_average(path: Path) -> bool:
    try:
        with safe_open(path, "pt") as file:
            return "n_averaged" in set(file.keys())
    except (OSError, SafetensorError):
        return False  # whoever loads it says what is wrong with it


def _load_average(network: nn.Module, path: Path) -> None:
    try:
        network.load_state_dict(unwrapped(load_file(path)))
    except RuntimeError as fault:
        told = " ".join(str(fault).splitlines()[:3])[:400]
        raise ConfigurationError(f"model.start: {path} is of another architecture: {told}") from fault


def _file(path: Path) -> Path:
    if path.is_dir():
        ended, under_way = path / FINAL, path / "checkpoint" / AVERAGE
        path = ended if ended.is_file() else under_way
    if not path.is_file():
        raise ConfigurationError(
            f"model.start: {path} is absent; name a run's folder, a bundle's or a checkpoint's file"
        )
    return path


def unwrapped(named: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of an averaged model by the names that the network has for them."""
    return {name.removeprefix(_WRAPPER): tensor for name, tensor in named.items() if name.startswith(_WRAPPER)}
