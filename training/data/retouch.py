"""Retouch: photographs from manifests and shards, varied many at a time by torchvision's transforms.

A transform draws once for the batch it is given, so a batch is worked in small shuffled chunks, as by the batch camera.
"""

import torch
from torch import Tensor
from torchvision.transforms import v2

from training.augment import compressed
from training.config.data import RetouchConfig

_CHUNK = 4
_QUALITY = (25, 85)  # of JPEG


def retouch(images: Tensor, settings: RetouchConfig, size_px: int, seed: int) -> Tensor:
    """Vary photographs `uint8 [B, 3, P, P]` -> `uint8 [B, 3, S, S]`; the same again for the same seed."""
    change = _changes(settings, size_px)
    varied = torch.empty(len(images), 3, size_px, size_px, dtype=torch.uint8)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for rows in torch.split(torch.randperm(len(images)), _CHUNK):
            varied[rows] = change(images[rows])
        for row in (torch.rand(len(images)) < settings.jpeg_share).nonzero().flatten().tolist():
            varied[row] = compressed(varied[row], int(torch.randint(*_QUALITY, ())))
    return varied


def _changes(settings: RetouchConfig, size_px: int) -> v2.Compose:
    """Pose, frame, light, focus, what hides: in the order in which they come about."""
    light = settings.light
    return v2.Compose(
        [
            v2.RandomPerspective(settings.tilt, p=0.7, fill=128),
            v2.RandomRotation(settings.roll_deg, v2.InterpolationMode.BILINEAR, fill=128),
            v2.RandomResizedCrop(size_px, (settings.least_area, 1.0), (0.85, 1.18), antialias=True),
            v2.ColorJitter(light, light, light / 2, settings.tint),
            v2.RandomApply([v2.GaussianBlur(5, (0.3, 2.0))], settings.blurred_share),
            v2.RandomErasing(settings.occluded_share, (0.02, 0.15), value=128),
        ]
    )
