"""LoRA: a matrix is left as it is and learns a change of low rank (Hu et al., arXiv 2106.09685, section 4.1)."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

_MATRICES = {nn.Linear: "weight", nn.Conv2d: "weight", nn.MultiheadAttention: "in_proj_weight"}


class LowRank(nn.Module):
    """Adds `alpha / rank * B A` to a matrix, or to a convolution's as one of its outputs by all its inputs."""

    def __init__(self, matrix: Tensor, rank: int, alpha: float) -> None:
        super().__init__()
        outputs, inputs = matrix.flatten(1).shape
        self._scale = alpha / rank
        self.down = nn.Parameter(torch.randn(rank, inputs, device=matrix.device) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank, device=matrix.device))  # the change begins as none

    def forward(self, matrix: Tensor) -> Tensor:
        """The changed matrix."""
        return matrix + self._scale * (self.up @ self.down).view(matrix.shape)


def adapt(module: nn.Module, rank: int, alpha: float) -> int:
    """Let every matrix within a module learn a change -> how many there are."""
    places = list(_places(module))
    for owner, name in places:
        matrix = getattr(owner, name)
        matrix.requires_grad_(False)
        parametrize.register_parametrization(owner, name, LowRank(matrix, rank, alpha))
    return len(places)


def merge(network: nn.Module) -> None:
    """Put what was learned into the matrices themselves: the architecture is again as before."""
    for owner in list(network.modules()):
        for name in list(getattr(owner, "parametrizations", ())):
            parametrize.remove_parametrizations(owner, name, leave_parametrized=True)


def _places(module: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    for owner in list(module.modules()):
        name = next((name for kind, name in _MATRICES.items() if isinstance(owner, kind)), None)
        if name and getattr(owner, name) is not None and getattr(owner, "groups", 1) == 1:
            yield owner, name
