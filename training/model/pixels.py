"""Pixels as a model takes them."""

import torch
from torch import Tensor

from training.config import ModelConfig
from training.config.reading import Channels
from training.model import architecture

MEAN: Channels = (0.5, 0.5, 0.5)  # of our own models
STD: Channels = (0.5, 0.5, 0.5)


def statistics(config: ModelConfig) -> tuple[Channels, Channels]:
    """Mean and deviation of RGB in 0..1 that a bundle of this model states."""
    mean, std = (MEAN, STD) if config.open_clip is None else architecture.statistics(config)
    return config.mean or mean, config.std or std


def normalised(images: Tensor, mean: Channels = MEAN, std: Channels = STD) -> Tensor:
    """`uint8 [B, 3, S, S]` -> floats around 0, as `preprocess` of the served embedder gives them."""
    centre, spread = (torch.tensor(values, device=images.device).view(1, 3, 1, 1) for values in (mean, std))
    return (images.float() / 255 - centre) / spread
