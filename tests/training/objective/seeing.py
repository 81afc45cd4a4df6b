"""Small made-up sights for the objectives."""

import torch
from torch import Tensor

from training.objective.seen import Seen

BRAND = torch.tensor([0, 0, 0, 1, 1, 1])
FORGED = torch.tensor([False, False, True, False, False, True])


def unit(rows: list[list[float]]) -> Tensor:
    return torch.nn.functional.normalize(torch.tensor(rows, dtype=torch.float32), dim=1)


def random_vectors(count: int = 6, seed: int = 0, dim: int = 8) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, dim, generator=generator), dim=1)


def seen(images: Tensor, brand: Tensor = BRAND, forged: Tensor = FORGED, captions: Tensor | None = None,
         tokens: Tensor | None = None, scale: float = 14.0, features: tuple[Tensor, ...] = ()) -> Seen:  # fmt: skip
    rows = len(images)
    return Seen(
        images=images,
        brand=brand,
        forged=forged,
        tokens=torch.arange(2 * rows).view(rows, 2) if tokens is None else tokens,
        captions=random_vectors(rows, 1) if captions is None else captions,
        scale=torch.tensor(scale),
        lesson=images,
        features=features,
    )
