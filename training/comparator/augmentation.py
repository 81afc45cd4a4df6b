"""Augmentation: what light, lens and a careless hand do to a pair, and never what a forger does.

Both crops turn, shrink and flip together; the listing is misplaced a little more. Each is lit for itself along the
line of daylight. All chance comes from the generator handed in.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from training.comparator.config import AugmentConfig
from vision.measures.comparator import PAIR_PX

_DAYLIGHT = (0.45, 0.0, -0.55)  # log gains of R, G, B as light warms by one
_GAMMA = 2.2
NO_FAULT = -1


@dataclass(frozen=True, eq=False)
class Pairs:
    """`B` pairs. Pixels are 0..1."""

    photo: Tensor  # [B, 3, P, P]
    reference: Tensor  # [B, 3, P, P]
    ink: Tensor  # [B, 1, P, P]
    outline: Tensor  # [B, 1, P, P] inside the mark's outline
    altered: Tensor  # [B, 1, P, P]
    forged: Tensor  # [B] 0 or 1
    weight: Tensor  # [B] of the pair in the objective
    fault: Tensor  # [B] int64 index into FAULTS; NO_FAULT where none can be named


def augmented(pairs: Pairs, settings: AugmentConfig, generator: Generator) -> Pairs:
    """The pairs as other photographs might have shown them."""
    pairs = _exchanged(_regrounded(pairs, settings, generator), settings, generator)
    pairs = _moved(pairs, settings, generator)
    told = _chosen(len(pairs.forged), settings.outline_share, generator)
    ink = torch.where(_as_map(told), pairs.outline, pairs.ink)
    photo = _occluded(_seen(pairs.photo, settings, generator), settings, generator)
    reference = _seen(pairs.reference, settings, generator)
    return replace(pairs, photo=photo, reference=reference, ink=ink)


# --- what lies where ----------------------------------------------------------------------------


def _exchanged(pairs: Pairs, settings: AugmentConfig, generator: Generator) -> Pairs:
    """Some pairs with their sides exchanged: a forgery differs from the genuine as the genuine from it."""
    chosen = _chosen(len(pairs.forged), settings.exchanged_share, generator)
    turned = _as_map(chosen)
    photo = torch.where(turned, pairs.reference, pairs.photo)
    fault = torch.where(chosen, NO_FAULT, pairs.fault)  # a part too many becomes one too few
    return replace(pairs, photo=photo, reference=torch.where(turned, pairs.photo, pairs.reference), fault=fault)


def _regrounded(pairs: Pairs, settings: AugmentConfig, generator: Generator) -> Pairs:
    """Some listings with the ground of another: outside the mark, and away from what was altered."""
    kept = functional.max_pool2d(torch.maximum(pairs.ink, pairs.altered), 7, 1, 3)
    kept = functional.avg_pool2d(kept, 3, 1, 1)
    chosen = _as_map(_chosen(len(pairs.forged), settings.reground_share, generator))
    kept = torch.where(chosen, kept, torch.ones_like(kept))
    return replace(pairs, photo=pairs.photo * kept + pairs.photo.roll(1, 0) * (1 - kept))


def _moved(pairs: Pairs, settings: AugmentConfig, generator: Generator) -> Pairs:
    """Turned, zoomed, flipped and quarter-turned alike; the listing shifted and sheared a little more."""
    b = len(pairs.forged)
    common = _similarity(b, settings, generator)
    own = common.clone()
    unit = 2 / PAIR_PX
    own[:, :, 2] += _normal((b, 2), settings.misplaced_px * unit, generator)
    own[:, :, :2] += _normal((b, 2, 2), settings.misplaced_px * unit * 0.5, generator)
    photo = _sampled(pairs.photo, own)
    layers = _sampled(torch.cat([pairs.reference, pairs.ink, pairs.outline, pairs.altered], dim=1), common)
    reference, ink, outline, altered = torch.split(layers, [3, 1, 1, 1], dim=1)
    return replace(pairs, photo=photo, reference=reference, ink=ink, outline=outline, altered=altered)


def _similarity(count: int, settings: AugmentConfig, generator: Generator) -> Tensor:
    """Maps `[B, 2, 3]` from the new frame into the old, in -1..1."""
    quarter = torch.randint(0, 4, (count,), generator=generator) * (np.pi / 2)
    angle = quarter + _uniform((count,), np.deg2rad(settings.turn_deg), generator)
    scale = torch.exp(_uniform((count,), settings.zoom, generator))
    flip = torch.randint(0, 2, (count,), generator=generator) * 2.0 - 1
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = _uniform((count, 2), 0.05, generator)
    rows = [torch.stack([cos * flip, -sin, shift[:, 0]], 1), torch.stack([sin * flip, cos, shift[:, 1]], 1)]
    return torch.stack(rows, dim=1)


def _sampled(layers: Tensor, matrix: Tensor) -> Tensor:
    grid = functional.affine_grid(matrix, [len(layers), 1, PAIR_PX, PAIR_PX], align_corners=False)
    return functional.grid_sample(layers, grid, padding_mode="reflection", align_corners=False)


# --- how it is seen -----------------------------------------------------------------------------


def _seen(pixels: Tensor, settings: AugmentConfig, generator: Generator) -> Tensor:
    """Light, lens, sensor and file."""
    b = len(pixels)
    lit = pixels * torch.exp(_gains(b, settings, generator) / _GAMMA)[:, :, None, None]
    contrast = torch.exp(_uniform((b, 1, 1, 1), 0.15, generator))
    lit = (lit - 0.5) * contrast + 0.5 + _uniform((b, 1, 1, 1), 0.04, generator)
    blurred = _chosen(b, settings.blurred_share, generator)
    lit[blurred] = _blurred(lit[blurred], generator)
    level = settings.noise * torch.rand((b, 1, 1, 1), generator=generator) ** 2
    noisy = lit + level * torch.randn(lit.shape, generator=generator)
    return _filed(noisy.clamp(0, 1), settings, generator)


def _gains(count: int, settings: AugmentConfig, generator: Generator) -> Tensor:
    """Log gains `[B, 3]` of a light along the line of daylight, hardly off it, and of the exposure."""
    warmth = _normal((count, 1), settings.warmth, generator)
    tint = _normal((count, 1), settings.tint, generator)
    exposure = _normal((count, 1), settings.exposure, generator)
    return warmth * torch.tensor(_DAYLIGHT) + tint * torch.tensor([0.0, 1.0, 0.0]) + exposure


def _blurred(pixels: Tensor, generator: Generator) -> Tensor:
    """One Gaussian blur of 0.4 to 1.4 px for the batch."""
    sigma = 0.4 + float(torch.rand(1, generator=generator))
    taps = torch.exp(-0.5 * (torch.arange(-3, 4) / sigma) ** 2)
    taps = (taps / taps.sum()).expand(3, 1, 1, 7)
    across = functional.conv2d(functional.pad(pixels, (3, 3, 0, 0), "reflect"), taps, groups=3)
    return functional.conv2d(functional.pad(across, (0, 0, 3, 3), "reflect"), taps.transpose(2, 3), groups=3)


def _filed(pixels: Tensor, settings: AugmentConfig, generator: Generator) -> Tensor:
    """Some crops coded as JPEG of quality 35 to 90."""
    filed = pixels.clone()
    for index in torch.nonzero(_chosen(len(pixels), settings.jpeg_share, generator)).flatten().tolist():
        crop = (pixels[index].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        quality = int(torch.randint(35, 91, (1,), generator=generator))
        _, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
        coded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32) / 255
        filed[index] = torch.from_numpy(coded).permute(2, 0, 1)
    return filed


def _occluded(pixels: Tensor, settings: AugmentConfig, generator: Generator) -> Tensor:
    """Some crops with a patch of a plain colour or of another crop on them: no forger's work."""
    covered = pixels.clone()
    for index in torch.nonzero(_chosen(len(pixels), settings.occluded_share, generator)).flatten().tolist():
        w, h = torch.randint(8, 36, (2,), generator=generator).tolist()
        x = int(torch.randint(0, PAIR_PX - w, (1,), generator=generator))
        y = int(torch.randint(0, PAIR_PX - h, (1,), generator=generator))
        patch = torch.rand((3, 1, 1), generator=generator)
        if torch.rand(1, generator=generator) < 0.3:
            patch = pixels[index - 1, :, y : y + h, x : x + w]
        covered[index, :, y : y + h, x : x + w] = patch
    return covered


# --- chance -------------------------------------------------------------------------------------


def _chosen(count: int, share: float, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator) < share


def _as_map(chosen: Tensor) -> Tensor:
    return chosen[:, None, None, None]


def _uniform(shape: tuple[int, ...], largest: float, generator: Generator) -> Tensor:
    return (torch.rand(shape, generator=generator) * 2 - 1) * largest


def _normal(shape: tuple[int, ...], deviation: float, generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator) * deviation
