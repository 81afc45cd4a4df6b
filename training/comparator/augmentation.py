"""Augmentation: what light, lens and a careless hand do to a pair, and never what a forger does.

Both crops turn, shrink and flip together; the listing is misplaced a little more. Each is lit for itself along the
line of daylight. All chance comes from the generator handed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from training.comparator.config import AugmentConfig
from training.comparator.cover import cover
from vision.measures.comparator import PAIR_PX

Bytes = NDArray[np.uint8]  # [H, W, 3]
_Change = Callable[[Bytes, Generator], Bytes]

_DAYLIGHT = (0.45, 0.0, -0.55)  # log gains of R, G, B as light warms by one
_GAMMA = 2.2
NO_FAULT = -1
_LEAST_LEFT = 0.4  # of what was altered, under a cover


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
    pairs = _covered(pairs, settings, generator)
    photo = _far(_seen(pairs.photo, settings, generator), settings, generator)
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
    return _some(pixels, settings.jpeg_share, _recoded, generator)


def _far(pixels: Tensor, settings: AugmentConfig, generator: Generator) -> Tensor:
    """Some crops of a mark that took 0.3 to 0.9 of its pixels in the photo, every second one coded as JPEG there."""
    return _some(pixels, settings.coarse_share, _from_afar, generator)


def _some(pixels: Tensor, share: float, change: _Change, generator: Generator) -> Tensor:
    """Some crops with their bytes changed."""
    changed = pixels.clone()
    for index in torch.nonzero(_chosen(len(pixels), share, generator)).flatten().tolist():
        crop = (pixels[index].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        changed[index] = torch.from_numpy(change(crop, generator)).permute(2, 0, 1).float() / 255
    return changed


def _recoded(crop: Bytes, generator: Generator) -> Bytes:
    quality = int(torch.randint(35, 91, (1,), generator=generator))
    _, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _from_afar(crop: Bytes, generator: Generator) -> Bytes:
    side = round(PAIR_PX * (0.3 + 0.6 * float(torch.rand(1, generator=generator))))
    small = np.asarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    if torch.rand(1, generator=generator) < 0.5:
        small = _recoded(small, generator)
    return np.asarray(cv2.resize(small, (PAIR_PX, PAIR_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


def _covered(pairs: Pairs, settings: AugmentConfig, generator: Generator) -> Pairs:
    """Some listings with something over them. A forgery of which too little is left to see is not asked about."""
    photo, altered = pairs.photo.clone(), pairs.altered.clone()
    for index in torch.nonzero(_chosen(len(photo), settings.covered_share, generator)).flatten().tolist():
        rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
        crop, other = (pairs.photo[i].permute(1, 2, 0).numpy() for i in (index, index - 1))
        seen, mask = cover(crop, other, rng)
        photo[index] = torch.from_numpy(np.ascontiguousarray(seen)).permute(2, 0, 1)
        altered[index, 0] *= torch.from_numpy(1 - mask)
    left = altered.sum((1, 2, 3)) / pairs.altered.sum((1, 2, 3)).clamp_min(1e-6)
    told = (pairs.forged < 0.5) | (left > _LEAST_LEFT)
    fault = torch.where(told, pairs.fault, NO_FAULT)
    return replace(pairs, photo=photo, altered=altered, weight=pairs.weight * told, fault=fault)


# --- chance -------------------------------------------------------------------------------------


def _chosen(count: int, share: float, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator) < share


def _as_map(chosen: Tensor) -> Tensor:
    return chosen[:, None, None, None]


def _uniform(shape: tuple[int, ...], largest: float, generator: Generator) -> Tensor:
    return (torch.rand(shape, generator=generator) * 2 - 1) * largest


def _normal(shape: tuple[int, ...], deviation: float, generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator) * deviation
