"""Forgeries kept a little behind genuine views."""

import torch.nn.functional as nnf
from torch import Tensor, nn

from training.config.objectives import ForgedMarginConfig
from training.objective.seen import Seen


class ForgedMargin(nn.Module):
    """How far a forged view comes nearer than `margin` behind a genuine view's mean genuine cosine."""

    def __init__(self, settings: ForgedMarginConfig) -> None:
        super().__init__()
        self._margin = settings.margin

    def forward(self, seen: Seen) -> Tensor:
        """The mean over pairs of a genuine and a forged view of one brand."""
        cosine = seen.images @ seen.images.T
        same = (seen.brand[:, None] == seen.brand[None]) & ~seen.forged[:, None]  # rows: genuine views
        genuine = (same & ~seen.forged[None]).fill_diagonal_(False).float()
        own = (cosine * genuine).sum(1) / genuine.sum(1).clamp_min(1)  # [B]
        pairs = (same & seen.forged[None] & (genuine.sum(1, keepdim=True) > 0)).float()
        excess = nnf.relu(cosine - own[:, None] + self._margin)
        return (excess * pairs).sum() / pairs.sum().clamp_min(1)
