"""An open_clip architecture by its name, with the weights of a pretrained tag, or fresh ones."""

import warnings
from pathlib import Path
from typing import Any

import open_clip

from training.config import ModelConfig
from training.config.reading import Channels
from training.export import weights
from training.export.architecture import quiet, require_known, require_same_activation
from vision.errors import ConfigurationError, WeightsUnavailable

OPENAI_MEAN: Channels = (0.48145466, 0.4578275, 0.40821073)  # of the pixels that CLIP was trained on
OPENAI_STD: Channels = (0.26862954, 0.26130258, 0.27577711)


def build(config: ModelConfig) -> open_clip.CLIP:
    """The network. Errors: `ConfigurationError` for a name or tag nobody knows, or weights that cannot be fetched."""
    name = str(config.open_clip)
    require_known(name)
    file = _fetched(name, config.pretrained) if config.pretrained else None
    try:
        with warnings.catch_warnings(), quiet():
            warnings.simplefilter("ignore")
            network = open_clip.create_model(
                name, load_weights=False, pretrained_text=False, force_image_size=config.input_px
            )
    except Exception as fault:  # open_clip, timm and transformers raise what they like
        raise ConfigurationError(f"open_clip cannot build {name} at {config.input_px} px: {fault}") from fault
    if file is not None:
        weights.load(network, file)
    return network


def dim(config: ModelConfig) -> int:
    """D of the architecture's vectors."""
    require_known(str(config.open_clip))
    return int(open_clip.get_model_config(str(config.open_clip))["embed_dim"])


def statistics(config: ModelConfig) -> tuple[Channels, Channels]:
    """Mean and deviation that pixels are normalised by: as the tag's weights were trained with, else as CLIP's."""
    tag: dict[str, Any] = {}
    if config.pretrained is not None:
        tag = open_clip.get_pretrained_cfg(str(config.open_clip), config.pretrained) or {}
    return tuple(tag.get("mean", OPENAI_MEAN)), tuple(tag.get("std", OPENAI_STD))


def _fetched(name: str, tag: str) -> Path:
    settings = weights.settings_of(name, tag)
    require_same_activation(name, tag, settings)
    try:
        return weights.downloaded(name, tag, settings)
    except WeightsUnavailable as fault:
        raise WeightsUnavailable(
            f"{str(fault).splitlines()[0]}; where there is no network, bring the file here, name it as model.start and"
            " leave model.pretrained out"
        ) from fault
