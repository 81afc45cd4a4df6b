"""Supervised contrast over brands, forgeries set apart."""

import torch
from pytorch_metric_learning.losses import SupConLoss
from pytorch_metric_learning.reducers import DoNothingReducer
from torch import Tensor, nn

from training.config.objectives import SupConConfig
from training.objective.seen import Seen


class SupCon(nn.Module):
    """Supervised contrastive loss (Khosla et al., arXiv 2004.11362, eq. 2) over pairs of our own choosing.

    A genuine view is drawn to the genuine views of its brand; forged views of its own brand neither draw nor
    repel it, those of other brands repel like any stranger. A forged view is drawn to the genuine views of the
    brand it imitates with `forged_weight`, so that recognition finds it.
    """

    def __init__(self, settings: SupConConfig) -> None:
        super().__init__()
        self._forged_weight = settings.forged_weight
        self._contrast = SupConLoss(settings.temperature, reducer=DoNothingReducer())

    def forward(self, seen: Seen) -> Tensor:
        """The mean over photographs that have a genuine view to be drawn to."""
        same = seen.brand[:, None] == seen.brand[None]
        drawn = same & ~seen.forged[None] & ~torch.eye(len(same), dtype=torch.bool, device=same.device)
        pairs = (*drawn.nonzero(as_tuple=True), *(~same).nonzero(as_tuple=True))
        if not len(pairs[0]) or not len(pairs[2]):
            return seen.images.sum() * 0
        each = self._contrast(seen.images, indices_tuple=pairs)["loss"]["losses"]  # [B]
        weight = torch.where(seen.forged, self._forged_weight, 1.0) * drawn.any(1)
        return torch.as_tensor((each * weight).sum() / weight.sum().clamp_min(1e-6))
