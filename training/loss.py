"""The objectives, as pure functions of unit vectors. B images, D dimensions; cosines -1..1."""

from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from training.config import LossConfig

_EXCLUDED = -1e4  # a logit that no softmax sees; finite, so that bfloat16 keeps it


@dataclass(frozen=True, eq=False)
class Losses:
    """The weighted sum to descend, and its terms before weighting."""

    total: Tensor
    brand: Tensor
    margin: Tensor
    caption: Tensor

    def values(self) -> list[float]:
        """Total, brand, margin, caption as plain numbers."""
        return [float(term.detach()) for term in (self.total, self.brand, self.margin, self.caption)]


def objective(images: Tensor, captions: Tensor, tokens: Tensor, brand: Tensor, forged: Tensor, scale: Tensor,
              config: LossConfig) -> Losses:  # fmt: skip
    """All terms for image vectors `[B, D]`, caption vectors `[B, D]`, tokens `[B, T]` and labels `[B]`."""
    of_brand = brand_contrastive(images, brand, forged, config.temperature, config.forged_weight)
    apart = forged_margin(images, brand, forged, config.margin)
    said = caption_contrastive(images, captions, tokens, scale)
    total = config.brand_weight * of_brand + config.margin_weight * apart + config.caption_weight * said
    return Losses(total, of_brand.detach(), apart.detach(), said.detach())


def brand_contrastive(
    vectors: Tensor, brand: Tensor, forged: Tensor, temperature: float, forged_weight: float
) -> Tensor:
    """Supervised contrastive loss over brands (Khosla et al., arXiv 2004.11362, eq. 2), forgeries set apart.

    A genuine view is drawn to the genuine views of its brand; forged views of its own brand neither draw nor
    repel it, those of other brands repel like any stranger. A forged view is drawn to the genuine views of the
    brand it imitates with `forged_weight`, so that recognition finds it.
    """
    logits = vectors @ vectors.T / temperature  # [B, B]
    same = brand[:, None] == brand[None]
    itself = torch.eye(len(brand), dtype=torch.bool, device=brand.device)
    hidden = itself | (same & forged[None])
    log_share = logits - logits.masked_fill(hidden, _EXCLUDED).logsumexp(1, keepdim=True)
    positive = (same & ~hidden).float()
    found = positive.sum(1)
    each = -(log_share * positive).sum(1) / found.clamp_min(1)
    weight = torch.where(forged, forged_weight, 1.0) * (found > 0)
    return (each * weight).sum() / weight.sum().clamp_min(1e-6)


def forged_margin(vectors: Tensor, brand: Tensor, forged: Tensor, margin: float) -> Tensor:
    """How far a forged view comes nearer than `margin` behind a genuine view's mean genuine cosine."""
    cosine = vectors @ vectors.T
    same = (brand[:, None] == brand[None]) & ~forged[:, None]  # rows: genuine views
    genuine = (same & ~forged[None]).fill_diagonal_(False).float()
    own = (cosine * genuine).sum(1) / genuine.sum(1).clamp_min(1)  # [B]
    pairs = (same & forged[None] & (genuine.sum(1, keepdim=True) > 0)).float()
    excess = nnf.relu(cosine - own[:, None] + margin)
    return (excess * pairs).sum() / pairs.sum().clamp_min(1)


def caption_contrastive(images: Tensor, captions: Tensor, tokens: Tensor, scale: Tensor) -> Tensor:
    """CLIP's symmetric loss (Radford et al., arXiv 2103.00020, fig. 3); equal captions are equally right."""
    logits = scale * images @ captions.T
    equal = (tokens[:, None] == tokens[None]).all(2).float()
    target = equal / equal.sum(1, keepdim=True)
    return (nnf.cross_entropy(logits, target) + nnf.cross_entropy(logits.T, target)) / 2
