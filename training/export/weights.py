"""Weights: a checkpoint found on disk or at a hub, read without running anything it holds."""

import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import open_clip
from open_clip.pretrained import download_pretrained, get_pretrained_cfg
from safetensors import SafetensorError
from torch import nn

from vision.errors import CheckpointRefused, ConfigurationError, WeightsUnavailable

SAFE = ".safetensors"
PICKLED = (".pt", ".pth", ".bin")


def settings_of(architecture: str, tag: str) -> dict[str, Any]:
    """What open_clip knows of a pretrained tag. Errors: `ConfigurationError` for an unknown one."""
    known = open_clip.list_pretrained_tags_by_model(architecture)
    if tag not in known:
        raise ConfigurationError(
            f"{architecture} has no pretrained weights {tag!r}; "
            + (f"choose from {', '.join(known)}" if known else "it has none: pass a file with --architecture")
        )
    return dict(get_pretrained_cfg(architecture, tag))


def downloaded(architecture: str, tag: str, settings: dict[str, Any]) -> Path:
    """The file of a tag, found in the hub's cache or downloaded. Errors: `WeightsUnavailable` where neither can be."""
    try:
        return Path(download_pretrained(settings))
    except Exception as fault:  # each hub's client raises errors of its own
        place = settings.get("hf_hub", "").strip("/") or settings.get("url", "")
        raise WeightsUnavailable(
            f"the weights {tag} of {architecture} ({place}) could not be downloaded: {_first_line(fault)}\n"
            "Where there is a network, download them there (`huggingface-cli download` or this same command), bring the"
            f" file here and pass it: touchstone export FILE DIR --architecture {architecture}"
        ) from fault


def load(network: nn.Module, path: Path) -> None:
    """Load a checkpoint into a network, whatever of open_clip's forms it has; nothing pickled is run.

    Errors: `CheckpointRefused` for a file that is unsafe, damaged, of another kind or of another network.
    """
    if path.suffix not in (SAFE, *PICKLED):
        raise CheckpointRefused(
            f"{path.name} is no checkpoint that can be read; weights come as {', '.join((SAFE, *PICKLED))}"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's notes on old pickles: what it cannot read, it refuses
            open_clip.load_checkpoint(network, str(path), weights_only=True)
    except UnpicklingError as fault:
        raise CheckpointRefused(
            f"{path.name} holds more than tensors, and reading it could run code ({_first_line(fault)});"
            " save its state_dict as safetensors where you trust it, and pass that file"
        ) from fault
    except (SafetensorError, OSError, EOFError, RuntimeError, KeyError, AttributeError, TypeError) as fault:
        raise CheckpointRefused(
            f"{path.name} does not hold the weights of this architecture: {_first_line(fault)};"
            " name the architecture it was trained as with --architecture"
        ) from fault


def _first_line(fault: Exception) -> str:
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()] or [type(fault).__name__]
    return " ".join(lines[:2])[:300]
