"""The towers of a model as they are exported, and the pixels they take."""

import open_clip
from torch import Tensor, nn

MEAN = (0.5, 0.5, 0.5)
STD = (0.5, 0.5, 0.5)


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
