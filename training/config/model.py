"""Settings of the model: its architecture, what it starts from, and what of it is trained."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from training.config.reading import Channels, Closed, Positive, Share, SidePx


class TuningConfig(Closed):
    """What of the model is trained, and how far the result leaves its start."""

    mode: Literal["full", "partial", "probe", "lora"] = "full"
    trained: tuple[str, ...] = ()  # of `partial`: modules by name or beginning of one, as `visual.trunk.layer4`
    rank: Positive = 8  # of `lora`
    alpha: Annotated[float, Field(gt=0)] = 16.0  # of `lora`: its change is scaled by alpha / rank
    adapted: tuple[str, ...] = ("visual",)  # of `lora`: modules whose matrices are adapted
    start_share: Share = 0.0  # of the starting weights in the final ones (WiSE-FT); 0 keeps what was trained

    @model_validator(mode="after")
    def _fits_mode(self) -> Self:
        if (self.mode == "partial") != bool(self.trained):
            raise ValueError("mode partial and trained belong together: name the modules that are trained")
        return self


class ModelConfig(Closed):
    """A small CLIP of our own (`vision`, `dim` and the text tower's settings), or an open_clip architecture."""

    vision: str = "resnet10t"  # a timm architecture
    input_px: SidePx = 128
    dim: Annotated[int, Field(ge=16, le=2048)] = 256
    text_width: Annotated[int, Field(ge=16, multiple_of=16)] = 128
    text_layers: Positive = 2
    text_heads: Positive = 4
    context_tokens: Annotated[int, Field(ge=4, le=77)] = 16
    open_clip: str | None = None  # an architecture by open_clip's name, in place of one of ours
    pretrained: str | None = None  # a tag of its weights, fetched from a hub once
    mean: Channels | None = None  # of RGB in 0..1; None: as the pretrained tag says, else as OpenAI's CLIP
    std: Channels | None = None
    start: str | None = None  # a run's folder, a bundle's, or a checkpoint's file; None starts fresh
    tuning: TuningConfig = TuningConfig()

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.pretrained is not None and self.open_clip is None:
            raise ValueError("pretrained names a tag of an open_clip architecture; name open_clip too, or use start")
        if self.open_clip is not None and "input_px" not in self.model_fields_set:
            raise ValueError("open_clip needs input_px beside it: the side of the square images it is to take")
        if self.pretrained is not None and self.start is not None:
            raise ValueError("give either pretrained or start")
        fresh = self.pretrained is None and self.start is None
        if fresh and (self.tuning.mode != "full" or self.tuning.start_share):
            raise ValueError(
                f"tuning.{'mode' if self.tuning.mode != 'full' else 'start_share'} needs pretrained or start"
            )
        return self
