"""The model: image and text tower through open_clip, built from a configuration."""

from typing import TypeAlias

import open_clip
import timm

from training.config import ModelConfig
from training.data.captions import vocabulary
from training.model import architecture
from training.model.start import start_from
from vision.errors import ConfigurationError
from vision.vocabulary import END, PAD

Network: TypeAlias = (
    open_clip.CustomTextCLIP
)  # or any other of open_clip's: `encode_image`, `encode_text`, `logit_scale`


def build(config: ModelConfig, vocabulary_size: int | None = None) -> Network:
    """A model with the weights it starts from, fresh or loaded; of our closed vocabulary, where none is given.

    Errors: `ConfigurationError` for an architecture that nobody knows, or a start that does not fit it.
    """
    network = _ours(config, vocabulary_size) if config.open_clip is None else architecture.build(config)
    if config.start is not None:
        start_from(network, config)
    return network


def dim(config: ModelConfig) -> int:
    """D of the model's vectors."""
    return config.dim if config.open_clip is None else architecture.dim(config)


def _ours(config: ModelConfig, vocabulary_size: int | None) -> Network:
    if not timm.is_model(config.vision):
        near = timm.list_models(f"{config.vision[:6]}*")[:8] or ["resnet10t", "mobilenetv3_small_100"]
        raise ConfigurationError(f"model.vision {config.vision!r} is no timm architecture; try {', '.join(near)}")
    words = vocabulary_size or vocabulary(config.context_tokens).size
    return open_clip.CustomTextCLIP(config.dim, _vision(config), _text(config, words))


def _vision(config: ModelConfig) -> open_clip.CLIPVisionCfg:
    return open_clip.CLIPVisionCfg(
        timm_model_name=config.vision, timm_pool="avg", timm_proj="linear", image_size=config.input_px
    )


def _text(config: ModelConfig, vocabulary_size: int) -> open_clip.CLIPTextCfg:
    return open_clip.CLIPTextCfg(
        context_length=config.context_tokens,
        vocab_size=vocabulary_size,
        width=config.text_width,
        heads=config.text_heads,
        layers=config.text_layers,
        pad_id=PAD,
        eos_id=END,
        pool_type="eos",
    )
