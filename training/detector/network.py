"""The network: a small residual trunk, three levels joined from the coarse down, one head for all of them.

Each cell of a level answers whether a mark's middle lies in it, and where that mark ends (FCOS, Tian et al. 2019).
The score it is taught is the overlap that its box will have (quality focal loss, Li et al. 2020).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.detector.config import NetworkConfig

STRIDES = (8, 16, 32)  # px a cell of each level
_FIRST_LOGIT = -4.0  # marks are rare: the head begins by doubting
_MOST_EXPONENT = 4.0  # of a box's reach in cells


class DetectorNetwork(nn.Module):
    """Photos `[B, 3, H, W]` in 0..1, sides multiples of 32 -> boxes `[B, A, 4]` px and logits `[B, A]` of all cells."""

    def __init__(self, settings: NetworkConfig) -> None:
        super().__init__()
        head = settings.head_channels
        self.stem = _conv(3, settings.stem_channels, stride=2)
        before = (settings.stem_channels, *settings.channels[:-1])
        shapes = zip(before, settings.channels, settings.blocks, strict=True)
        self.stages = nn.ModuleList([_stage(*shape) for shape in shapes])
        self.lateral = nn.ModuleList([_conv(channels, head, kernel=1) for channels in settings.channels[1:]])
        self.smooth = nn.ModuleList([_conv(head, head) for _ in STRIDES])
        self.look = _conv(head, head)
        self.reach = _conv(head, head)
        self.score = nn.Conv2d(head, 1, 3, padding=1)
        self.edges = nn.Conv2d(head, 4, 3, padding=1)
        nn.init.constant_(self.score.bias, _FIRST_LOGIT)  # type: ignore[arg-type]

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes and logits, the finest level first, cells row by row."""
        answers = [self._answer(level, stride) for level, stride in zip(self._levels(photos), STRIDES, strict=True)]
        boxes, logits = zip(*answers, strict=True)
        return torch.cat(boxes, dim=1), torch.cat(logits, dim=1)

    def _levels(self, photos: Tensor) -> list[Tensor]:
        seen, at = [], self.stem(photos * 2 - 1)
        for stage in self.stages:
            at = stage(at)
            seen.append(at)
        sides = [side(part) for side, part in zip(self.lateral, seen[1:], strict=True)]
        joined = [sides[-1]]
        for part in reversed(sides[:-1]):
            joined.insert(0, part + functional.interpolate(joined[0], scale_factor=2.0, mode="nearest"))
        return [smooth(part) for smooth, part in zip(self.smooth, joined, strict=True)]

    def _answer(self, level: Tensor, stride: int) -> tuple[Tensor, Tensor]:
        edges = self.edges(self.reach(level)).float().clamp(max=_MOST_EXPONENT).exp() * stride
        logits = self.score(self.look(level)).float().flatten(1)
        x0, y0, x1, y1 = edges.flatten(2).unbind(1)  # [B, h * w] each: how far the mark reaches
        x, y = cells(level.shape[2], level.shape[3], stride).to(edges).unbind(1)
        return torch.stack([x - x0, y - y0, x + x1, y + y1], dim=2), logits


def cells(height: int, width: int, stride: int) -> Tensor:
    """Middles `[h * w, 2]` x y px of a level's cells, row by row."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (torch.stack([x, y], dim=2).reshape(-1, 2).float() + 0.5) * stride


class Residual(nn.Module):
    """A narrow look around, added to what was there."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(_conv(channels, channels // 2, kernel=1), _conv(channels // 2, channels))

    def forward(self, at: Tensor) -> Tensor:
        """The same shape."""
        changed: Tensor = self.change(at)
        return at + changed


def _stage(before: int, channels: int, blocks: int) -> nn.Sequential:
    down = nn.Sequential(_conv(before, channels // 2, stride=2), _conv(channels // 2, channels))
    return nn.Sequential(down, *(Residual(channels) for _ in range(blocks - 1)))


def _conv(before: int, after: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.SiLU())


def parameters(network: nn.Module) -> int:
    """How many numbers it learned."""
    return sum(parameter.numel() for parameter in network.parameters())
