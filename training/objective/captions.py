"""Images against their captions."""

import math

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from training.config.objectives import ClipConfig, SigLipConfig
from training.objective.seen import Seen


class Clip(nn.Module):
    """CLIP's symmetric loss (Radford et al., arXiv 2103.00020, fig. 3); equal captions are equally right."""

    def __init__(self, settings: ClipConfig) -> None:
        super().__init__()

    def forward(self, seen: Seen) -> Tensor:
        """The mean of both directions."""
        logits = seen.scale * seen.images @ seen.captions.T
        equal = equal_captions(seen.tokens).float()
        target = equal / equal.sum(1, keepdim=True)
        return (nnf.cross_entropy(logits, target) + nnf.cross_entropy(logits.T, target)) / 2


class SigLip(nn.Module):
    """The sigmoid loss (Zhai et al., arXiv 2303.15343, eq. 1): each pair judged by itself; equal captions are right.

    It learns a factor and an offset of its own, begun as in the paper, beside the model's factor that `Clip` uses.
    """

    def __init__(self, settings: SigLipConfig) -> None:
        super().__init__()
        self._log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
        self._bias = nn.Parameter(torch.tensor(-10.0))

    def forward(self, seen: Seen) -> Tensor:
        """The sum over captions, the mean over images."""
        logits = self._log_scale.exp() * seen.images @ seen.captions.T + self._bias
        sign = torch.where(equal_captions(seen.tokens), 1.0, -1.0)
        return -nnf.logsigmoid(sign * logits).sum(1).mean()


def equal_captions(tokens: Tensor) -> Tensor:
    """Which captions `int64 [B, T]` say the same: bool `[B, B]`."""
    return (tokens[:, None] == tokens[None]).all(2)
