"""Settings of the model: its architecture and what it starts from."""

from typing import Annotated

from pydantic import Field

from training.config.reading import Closed, Positive, SidePx


class ModelConfig(Closed):
    """A small CLIP built by open_clip."""

    vision: str = "resnet10t"  # a timm architecture
    input_px: SidePx = 128
    dim: Annotated[int, Field(ge=16, le=2048)] = 256
    text_width: Annotated[int, Field(ge=16, multiple_of=16)] = 128
    text_layers: Positive = 2
    text_heads: Positive = 4
    context_tokens: Annotated[int, Field(ge=4, le=77)] = 16
    start: str | None = None  # weights to start from: a run's folder or a safetensors file; None starts fresh
