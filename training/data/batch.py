"""A batch: photographs in rows of brands, and a lesson beside them."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Lesson:
    """`V` views with what the teachers see in them."""

    images: Tensor  # uint8 [V, 3, S, S]
    features: tuple[Tensor, ...]  # of each teacher: float32 [V, its dimension] unit

    def on(self, device: torch.device) -> "Lesson":
        """The same, where it is computed on."""
        return Lesson(self.images.to(device), tuple(seen.to(device) for seen in self.features))


@dataclass(frozen=True, eq=False)
class Batch:
    """`B` photographs in rows of brands."""

    images: Tensor  # uint8 [B, 3, S, S]
    brand: Tensor  # int64 [B] row of the brand among all that are learned from
    forged: Tensor  # bool [B]
    tokens: Tensor  # int64 [B, T] captions
    lesson: Lesson | None = None

    def on(self, device: torch.device) -> "Batch":
        """The same, where it is computed on."""
        lesson = None if self.lesson is None else self.lesson.on(device)
        images, brand, forged, tokens = (
            tensor.to(device) for tensor in (self.images, self.brand, self.forged, self.tokens)
        )
        return Batch(images, brand, forged, tokens, lesson)
