"""Brands as classes, each with a centre of its own."""

import torch
from pytorch_metric_learning.losses import ArcFaceLoss
from pytorch_metric_learning.reducers import DoNothingReducer
from torch import Tensor, nn

from training.config.objectives import ArcFaceConfig
from training.objective.seen import Seen


class ArcFace(nn.Module):
    """Additive angular margin (Deng et al., arXiv 1801.07698, eq. 3) against a learned centre for each brand.

    A forged view is of the class that it imitates, with `forged_weight`, so that recognition finds it.
    """

    def __init__(self, settings: ArcFaceConfig, dim: int, brands: int) -> None:
        super().__init__()
        self._forged_weight = settings.forged_weight
        self._centres = ArcFaceLoss(
            brands, dim, margin=settings.margin_deg, scale=settings.scale, reducer=DoNothingReducer()
        )

    def forward(self, seen: Seen) -> Tensor:
        """The weighted mean over photographs."""
        each = self._centres(seen.images, seen.brand)["loss"]["losses"]  # [B]
        weight = torch.where(seen.forged, self._forged_weight, 1.0)
        return torch.as_tensor((each * weight).sum() / weight.sum().clamp_min(1e-6))
