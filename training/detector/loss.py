"""Loss: scores towards the overlap of their boxes, boxes towards their marks."""

import torch
from torch import Tensor
from torch.nn import functional

from training.detector.batches import Batch
from training.detector.config import ObjectiveConfig
from training.detector.targets import IGNORED, NONE, Grid, assign_all

_TINY = 1e-6


def detection_loss(boxes: Tensor, logits: Tensor, batch: Batch, grid: Grid, settings: ObjectiveConfig) -> Tensor:
    """What training lowers, of boxes `[B, A, 4]` and logits `[B, A]`.

    Quality focal loss (Li et al., "Generalized Focal Loss", 2020) and generalised IoU (Rezatofighi et al. 2019).
    """
    answer = assign_all(grid, batch.boxes, batch.asked)  # [B, A]
    photo, cell = torch.nonzero(answer > NONE, as_tuple=True)
    wanted = _wanted(batch, photo, answer[photo, cell])
    overlap, generalised = overlaps(boxes[photo, cell], wanted)
    quality = torch.zeros_like(logits)
    quality[photo, cell] = overlap.detach()
    counted = max(1, len(photo))
    each = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    doubt = (torch.sigmoid(logits.detach()) - quality).square()
    scored = (each * doubt * (answer != IGNORED)).sum() / counted
    return scored + settings.box_weight * (1 - generalised).sum() / counted


def _wanted(batch: Batch, photo: Tensor, mark: Tensor) -> Tensor:
    """The marks `[P, 4]` that cells answer for."""
    starts = torch.tensor([0, *(len(boxes) for boxes in batch.boxes)]).cumsum(0)
    return torch.cat(batch.boxes)[starts[photo] + mark]


def overlaps(boxes: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """IoU 0..1 and generalised IoU -1..1 of boxes with their counterparts, both `[P]`."""
    shared = _area(torch.maximum(boxes[:, :2], others[:, :2]), torch.minimum(boxes[:, 2:], others[:, 2:]))
    union = _area(boxes[:, :2], boxes[:, 2:]) + _area(others[:, :2], others[:, 2:]) - shared
    hull = _area(torch.minimum(boxes[:, :2], others[:, :2]), torch.maximum(boxes[:, 2:], others[:, 2:]))
    overlap = shared / union.clamp(min=_TINY)
    return overlap, overlap - (hull - union) / hull.clamp(min=_TINY)


def _area(low: Tensor, high: Tensor) -> Tensor:
    sides = (high - low).clamp(min=0)
    return sides[:, 0] * sides[:, 1]
