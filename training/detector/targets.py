"""Targets: which cell answers for which mark, and which are left alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.detector.network import STRIDES, cells

SPANS_PX = ((0.0, 48.0), (48.0, 128.0), (128.0, float("inf")))  # root of the area of a level's marks
_RADIUS = 1.5  # cells about a mark's middle that answer for it

NONE, IGNORED = -1, -2


@dataclass(frozen=True, eq=False)
class Grid:
    """All cells of a photo, the finest level first."""

    middles: Tensor  # [A, 2] x y px
    stride: Tensor  # [A] px
    least_px: Tensor  # [A] and
    most_px: Tensor  # [A] root of the area of the marks that a cell may answer for

    @classmethod
    def of(cls, height: int, width: int) -> "Grid":
        """Of a photo whose sides are multiples of the coarsest stride."""
        shapes = [(height // stride, width // stride, stride) for stride in STRIDES]
        counts = torch.tensor([rows * columns for rows, columns, _ in shapes])
        low, high = (torch.tensor([span[end] for span in SPANS_PX]).repeat_interleave(counts) for end in (0, 1))
        strides = torch.tensor(STRIDES, dtype=torch.float32).repeat_interleave(counts)
        return cls(torch.cat([cells(*shape) for shape in shapes]), strides, low, high)


def assign(grid: Grid, boxes: Tensor, asked: Tensor) -> Tensor:
    """For each cell `[A]` the mark that it answers for, `NONE`, or `IGNORED`.

    A mark is answered for by the cells about its middle, on the level of its size; of two marks by the smaller one.
    Cells inside a mark that is not asked for are ignored unless they answer for another.
    """
    answer = torch.full((len(grid.middles),), NONE)
    if not len(boxes):
        return answer
    inside = _inside(grid.middles, boxes)  # [A, G]
    answer[(inside & ~asked).any(1)] = IGNORED
    size = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).clamp(min=1).sqrt()
    mine = inside & _near(grid, boxes) & _fits(grid, size) & asked
    mine |= _nearest(grid, boxes, size) & asked
    cost = torch.where(mine, size, torch.inf)
    least, which = cost.min(dim=1)
    return torch.where(least < torch.inf, which, answer)


def _inside(middles: Tensor, boxes: Tensor) -> Tensor:
    x, y = middles[:, :1], middles[:, 1:]
    return (x > boxes[:, 0]) & (x < boxes[:, 2]) & (y > boxes[:, 1]) & (y < boxes[:, 3])


def _near(grid: Grid, boxes: Tensor) -> Tensor:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    apart = (grid.middles[:, None] - centre[None]).abs().amax(2)  # [A, G]
    return apart < _RADIUS * grid.stride[:, None]


def _fits(grid: Grid, size: Tensor) -> Tensor:
    return (size >= grid.least_px[:, None]) & (size < grid.most_px[:, None])


def _nearest(grid: Grid, boxes: Tensor, size: Tensor) -> Tensor:
    """[A, G] the one cell nearest to each mark's middle on its level: thin marks may hold no cell's middle."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    apart = (grid.middles[:, None] - centre[None]).square().sum(2)
    apart = torch.where(_fits(grid, size), apart, torch.inf)
    chosen = torch.zeros_like(apart, dtype=torch.bool)
    return chosen.scatter(0, apart.argmin(dim=0, keepdim=True), True)


def assign_all(grid: Grid, boxes: Sequence[Tensor], asked: Sequence[Tensor]) -> Tensor:
    """`assign` of each photo of a batch, `[B, A]`."""
    return torch.stack([assign(grid, marks, wanted) for marks, wanted in zip(boxes, asked, strict=True)])
