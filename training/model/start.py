"""What a model starts from: a run of ours, or weights in a safetensors file."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from training.checkpoint import AVERAGE
from training.config import expand
from vision.errors import ConfigurationError

_WRAPPER = "module."  # what an averaged model puts before each name


def start_from(network: nn.Module, start: str) -> None:
    """Load a run's averaged weights, or a file's, into a network of the same architecture.

    Errors: `ConfigurationError` naming the file and what does not fit.
    """
    path = _file(expand(start))
    try:
        network.load_state_dict(_unwrapped(load_file(path)))
    except (OSError, SafetensorError) as fault:
        raise ConfigurationError(f"model.start: {path} cannot be read: {fault}") from fault
    except RuntimeError as fault:
        raise ConfigurationError(f"model.start: {path} is of another architecture: {_first_lines(fault)}") from fault


def _file(path: Path) -> Path:
    found = path / "checkpoint" / AVERAGE if path.is_dir() else path
    if not found.is_file():
        raise ConfigurationError(f"model.start: {found} is absent; name a run's folder or a safetensors file")
    return found


def _unwrapped(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names as the network has them, where an averaged model was saved."""
    if "n_averaged" not in weights:
        return weights
    return {name.removeprefix(_WRAPPER): tensor for name, tensor in weights.items() if name.startswith(_WRAPPER)}


def _first_lines(fault: RuntimeError) -> str:
    return " ".join(str(fault).splitlines()[:3])[:400]
