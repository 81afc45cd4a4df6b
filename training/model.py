"""The small CLIP: image and text tower through open_clip, built from a configuration."""

import open_clip
import timm
from torch import Tensor, nn

from training.config import ModelConfig
from vision.errors import ConfigurationError
from vision.vocabulary import END, PAD

MEAN = (0.5, 0.5, 0.5)
STD = (0.5, 0.5, 0.5)


def build(config: ModelConfig, vocabulary_size: int) -> open_clip.CustomTextCLIP:
    """A model with fresh weights. Errors: `ConfigurationError` for an architecture that timm does not know."""
    if not timm.is_model(config.vision):
        near = timm.list_models(f"{config.vision[:6]}*")[:8] or ["resnet10t", "mobilenetv3_small_100"]
        raise ConfigurationError(f"model.vision {config.vision!r} is no timm architecture; try {', '.join(near)}")
    return open_clip.CustomTextCLIP(config.dim, _vision(config), _text(config, vocabulary_size))


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


class ImageTower(nn.Module):
    """Normalised pixels `[B, 3, S, S]` -> unit vectors `[B, D]`: what is exported."""

    def __init__(self, model: open_clip.CustomTextCLIP) -> None:
        super().__init__()
        self.tower = model.visual

    def forward(self, image: Tensor) -> Tensor:
        """Embed a batch."""
        return nn.functional.normalize(self.tower(image), dim=-1)


class TextTower(nn.Module):
    """Tokens `[B, T]` -> unit vectors `[B, D]`: what is exported."""

    def __init__(self, model: open_clip.CustomTextCLIP) -> None:
        super().__init__()
        self.tower = model.text

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed a batch."""
        return nn.functional.normalize(self.tower(tokens), dim=-1)


def normalised(images: Tensor) -> Tensor:
    """`uint8 [B, 3, S, S]` -> floats -1..1, as `MEAN` and `STD` of the bundle say."""
    return images.float() / 127.5 - 1
