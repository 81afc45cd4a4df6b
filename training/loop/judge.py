"""The judge: retrieval on brands that were never learned from."""

from dataclasses import dataclass

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.data.validation import Validation
from training.loop.trainer import Trainer, precision
from training.model import normalised
from training.retrieval import own_nearness, retrieval, separation

_ENCODE_BATCH = 128


@dataclass(frozen=True, eq=False)
class Judge:
    """Measures retrieval on brands that were never learned from."""

    task: Validation

    def measure(self, trainer: Trainer) -> dict[str, float]:
        """Recall of genuine and forged queries, and how well forgeries lie apart."""
        vectors = _encode(trainer, self.task.batch.images)
        brand, forged = self.task.batch.brand.numpy(), self.task.batch.forged.numpy()
        is_reference = self.task.is_reference
        references = vectors[is_reference], brand[is_reference]
        genuine, fake = ~is_reference & ~forged, ~is_reference & forged
        found = retrieval(vectors[genuine], brand[genuine], *references)
        imitated = retrieval(vectors[fake], brand[fake], *references) if fake.any() else found
        nearness = [own_nearness(vectors[rows], brand[rows], *references) for rows in (genuine, fake)]
        return {
            "recall_at_1": found.recall_at_1,
            "recall_at_5": found.recall_at_5,
            "forged_recall_at_5": imitated.recall_at_5,
            "separation": separation(*nearness) if fake.any() else 0.5,
        }


@torch.no_grad()
def _encode(trainer: Trainer, images: Tensor) -> NDArray[np.float32]:
    """Unit vectors `float32 [B, D]` by the averaged model."""
    network: open_clip.CustomTextCLIP = trainer.average.module.eval()
    device = trainer.processes.device

    def encoded(part: Tensor) -> Tensor:
        pixels = normalised(part.to(device)).contiguous(memory_format=torch.channels_last)
        vectors: Tensor = network.encode_image(pixels, normalize=True)
        return vectors.float().cpu()

    with precision(trainer.settings.schedule, device):
        return torch.cat([encoded(part) for part in torch.split(images, _ENCODE_BATCH)]).numpy()
