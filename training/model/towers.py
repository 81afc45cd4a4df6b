"""The towers of a model as they are exported."""

import open_clip
from torch import Tensor, nn


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
