"""Distillation: the student's view of a lesson against its teachers'."""

from collections.abc import Sequence

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from training.config.objectives import DistilConfig
from training.objective.seen import Seen

_EXCLUDED = -1e4  # a logit that no softmax sees; finite, so that bfloat16 keeps it


class Distil(nn.Module):
    """The mean over teachers of how far the student's view of the lesson is from theirs.

    `cosine`: a linear head for each teacher reads its features off the student's vectors; 1 - cosine.
    `relational`: no head; the student's neighbourhoods of the lesson are to be the teacher's, as a softmax over
    cosines (after SEED, Fang et al., arXiv 2101.04731).
    """

    def __init__(self, settings: DistilConfig, dim: int, feature_dims: Sequence[int]) -> None:
        super().__init__()
        self._settings = settings
        sizes = feature_dims if settings.kind == "cosine" else ()
        self._heads = nn.ModuleList(nn.Linear(dim, size) for size in sizes)

    def forward(self, seen: Seen) -> Tensor:
        """The mean over teachers and views."""
        if self._settings.kind == "cosine":
            said = zip(self._heads, seen.features, strict=True)
            each = [1 - nnf.cosine_similarity(head(seen.lesson), features).mean() for head, features in said]
        else:
            each = [relational(seen.lesson, features, self._settings.temperature) for features in seen.features]
        return torch.stack(each).mean()


def relational(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Mean Kullback-Leibler divergence of the neighbourhoods of unit vectors `[V, D]` and `[V, D']`."""
    itself = torch.eye(len(student), dtype=torch.bool, device=student.device)
    found, wanted = (
        ((vectors @ vectors.T) / temperature).masked_fill(itself, _EXCLUDED).log_softmax(1)
        for vectors in (student, teacher)
    )
    return nnf.kl_div(found, wanted, reduction="batchmean", log_target=True)
