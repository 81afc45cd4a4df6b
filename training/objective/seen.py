"""What the objectives see of a step: B photographs, V views of a lesson, D dimensions."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Seen:
    """Unit vectors of one step's images and captions, with what is known of them."""

    images: Tensor  # [B, D] unit
    brand: Tensor  # int64 [B] row of the brand among all that are learned from
    forged: Tensor  # bool [B]
    tokens: Tensor  # int64 [B, T] captions
    captions: Tensor  # [B, D] unit; [0, D] where no objective reads captions
    scale: Tensor  # [] the model's own factor of caption logits
    lesson: Tensor  # [V, D] unit; [0, D] without a teacher
    features: tuple[Tensor, ...]  # of each teacher: [V, its dimension] unit, centred
