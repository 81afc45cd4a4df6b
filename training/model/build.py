"""The small CLIP: image and text tower through open_clip, built from a configuration."""

import open_clip
import timm

from training.config import ModelConfig
from training.model.start import start_from
from vision.errors import ConfigurationError
from vision.vocabulary import END, PAD


def build(config: ModelConfig, vocabulary_size: int) -> open_clip.CustomTextCLIP:
    """A model with the weights it starts from, fresh or loaded.

    Errors: `ConfigurationError` for an architecture that timm does not know, or a start that does not fit it.
    """
    if not timm.is_model(config.vision):
        near = timm.list_models(f"{config.vision[:6]}*")[:8] or ["resnet10t", "mobilenetv3_small_100"]
        raise ConfigurationError(f"model.vision {config.vision!r} is no timm architecture; try {', '.join(near)}")
    network = open_clip.CustomTextCLIP(config.dim, _vision(config), _text(config, vocabulary_size))
    if config.start is not None:
        start_from(network, config.start)
    return network


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
