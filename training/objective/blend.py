"""The blend: the objectives that a configuration names, weighted and summed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from training.config import ObjectivesConfig
from training.objective.arcface import ArcFace
from training.objective.captions import Clip, SigLip
from training.objective.distil import Distil
from training.objective.forged_margin import ForgedMargin
from training.objective.seen import Seen
from training.objective.supcon import SupCon

READ_CAPTIONS = frozenset({"clip", "siglip"})


@dataclass(frozen=True)
class Sizes:
    """What objectives with weights of their own are sized by."""

    dim: int  # D of the student's vectors
    brands: int = 0  # that are learned from
    feature_dims: tuple[int, ...] = ()  # of each teacher


@dataclass(frozen=True, eq=False)
class Losses:
    """The weighted sum to descend, and its terms before weighting."""

    total: Tensor
    terms: Mapping[str, Tensor]

    def values(self) -> dict[str, float]:
        """The sum as `loss` and each term as `NAME_loss`, as plain numbers."""
        terms = {f"{name}_loss": float(term.detach()) for name, term in self.terms.items()}
        return {"loss": float(self.total.detach()), **terms}


class Blend(nn.Module):
    """The objectives of one run. Weights of their own (heads, centres) are learned with the model's and left behind."""

    def __init__(self, settings: ObjectivesConfig, sizes: Sizes) -> None:
        super().__init__()
        used = settings.used()
        self._weights = {name: objective.weight for name, objective in used.items()}
        self._terms = nn.ModuleDict({name: _BUILD[name](objective, sizes) for name, objective in used.items()})

    def forward(self, seen: Seen) -> Losses:
        """All terms, and their weighted sum."""
        terms: dict[str, Tensor] = {name: term(seen) for name, term in self._terms.items()}
        total = torch.stack([self._weights[name] * term for name, term in terms.items()]).sum()
        return Losses(total, terms)


_BUILD: Mapping[str, Callable[[Any, Sizes], nn.Module]] = {
    "supcon": lambda settings, sizes: SupCon(settings),
    "forged_margin": lambda settings, sizes: ForgedMargin(settings),
    "clip": lambda settings, sizes: Clip(settings),
    "siglip": lambda settings, sizes: SigLip(settings),
    "arcface": lambda settings, sizes: ArcFace(settings, sizes.dim, sizes.brands),
    "distil": lambda settings, sizes: Distil(settings, sizes.dim, sizes.feature_dims),
}
