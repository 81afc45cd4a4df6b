"""The network: one stem on both crops, differences that forgive a small shift, a head that draws a map.

It is shown what to compare rather than whom: no feature reaches the head but beside its counterpart in the
other crop, and light enters as a ratio between the two, so that brands never seen are compared like known ones.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.comparator import phase
from training.comparator.config import NetworkConfig
from vision.measures.comparator import PAIR_PX
from vision.verdict import FAULTS

MAP_PX = PAIR_PX // 4
TOP_CELLS = 16  # cells of the map whose mean is its height
_DARK = 0.03  # linear light; below it colour is noise
_CONTRAST_FLOOR = 0.03  # of full scale; flatter than this is noise
_COLOUR_CHANNELS = 8
_PLAIN_CHANNELS = 8
_LAID_CHANNELS = 4


@dataclass(frozen=True, eq=False)
class Compared:
    """What the network says of `B` pairs."""

    logit: Tensor  # [B] above 0 where a forgery is likelier
    map: Tensor  # [B, MAP_PX, MAP_PX] logits
    faults: Tensor  # [B, F] logits of FAULTS, among themselves: which one, were it a forgery


class Comparator(nn.Module):
    """Photos and references `[B, 3, P, P]` in 0..1, ink `[B, 1, P, P]` in 0..1 -> `Compared`.

    One photo (and its ink) may be held against `B` references: it is then looked at once.
    """

    def __init__(self, settings: NetworkConfig) -> None:
        super().__init__()
        fine, coarse, head = settings.fine_channels, settings.coarse_channels, settings.head_channels
        self.fine = _conv(6, fine, kernel=5, stride=2)
        self.coarse = nn.Sequential(_conv(fine, coarse, stride=2), _conv(coarse, coarse))
        edge = settings.edge_channels
        self.edges = nn.Sequential(_conv(_LAID_CHANNELS, edge, kernel=5, stride=2), _conv(edge, 2 * edge, stride=2))
        self.phase = phase.Phase()
        own = _COLOUR_CHANNELS + _PLAIN_CHANNELS + phase.CHANNELS + 1
        together = 3 * fine + 4 * coarse + 2 * edge + own
        self.fuse = _conv(together, head, kernel=1)
        self.near = _Residual(head)
        self.far = nn.Sequential(_conv(head, 2 * head), _conv(2 * head, head))
        self.last = _conv(head, head)
        self.draw = nn.Conv2d(head, 1, 1)
        pooled = 3 * head + 3 + 3 + phase.SUMMARY
        self.judge = nn.Sequential(nn.Linear(pooled, head), nn.SiLU(), nn.Linear(head, 1))
        self.name = nn.Sequential(nn.Linear(pooled, head), nn.SiLU(), nn.Linear(head, len(FAULTS)))

    def forward(self, photo: Tensor, reference: Tensor, ink: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Fields of `Compared`: pair logits `[B]`, map logits `[B, C, C]`, fault logits `[B, F]`."""
        fused, overall = self._differences(photo, reference, ink)
        near = self.near(fused)
        far = self.far(functional.avg_pool2d(near, 2))
        whole = self.last(near + functional.interpolate(far, scale_factor=2.0, mode="nearest"))
        drawn = self.draw(whole).flatten(1)  # [B, C * C]
        pooled = self._pooled(whole.flatten(2), drawn, overall)
        maps = drawn.unflatten(1, (MAP_PX, MAP_PX))
        return self.judge(pooled).squeeze(1), maps, self.name(pooled)

    def _differences(self, photo: Tensor, reference: Tensor, ink: Tensor) -> tuple[Tensor, Tensor]:
        """Both sides side by side at a quarter of the resolution `[B, head, C, C]`, and cast and motion `[B, 7]`."""
        seen, known = local_contrast(photo), local_contrast(reference)
        grey, known_grey = (side.mean(1, keepdim=True) for side in (seen, known))
        plain = _plain_difference(grey, known_grey)
        edges = self.edges(_laid_together(grey, known_grey, ink))
        moved, overall = self._moved(grey, known_grey, ink)
        seen, known = (self.fine(torch.cat([c, s * 4 - 2], dim=1)) for c, s in ((seen, photo), (known, reference)))
        fine = functional.max_pool2d(_outside(seen, known, 3), 2)
        exact = functional.avg_pool2d((seen - known).abs(), 2)
        seen, known = self.coarse(seen), self.coarse(known)
        light, cast = light_between(photo, reference, ink)
        cover = functional.avg_pool2d(ink, PAIR_PX // MAP_PX)
        parts = [plain, moved, edges, fine, exact, _outside(seen, known, 3), seen, known, light, cover]
        fused = self.fuse(torch.cat([part.expand(reference.shape[0], -1, -1, -1) for part in parts], dim=1))
        return fused, torch.cat([cast, overall], dim=1)

    def _moved(self, seen: Tensor, known: Tensor, ink: Tensor) -> tuple[Tensor, Tensor]:
        """`phase.Phase` at full precision: a hundredth of a wave is what it is asked for."""
        with torch.autocast("cpu", enabled=False):
            cells, overall = self.phase(seen.float(), known.float(), ink.float())
        return cells, overall

    @staticmethod
    def _pooled(whole: Tensor, drawn: Tensor, overall: Tensor) -> Tensor:
        """Features `[B, head, C * C]` over the frame: their mean, their height, and what they are where it differs."""
        attended = (whole * torch.softmax(drawn, dim=1)[:, None]).sum(2)
        height = torch.stack([drawn.topk(TOP_CELLS, dim=1).values.mean(1), drawn.amax(1), drawn.mean(1)], dim=1)
        return torch.cat([whole.mean(2), whole.amax(2), attended, height, overall], dim=1)


class _Residual(nn.Module):
    """Two convolutions beside a way past them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_conv(channels, channels), _conv(channels, channels))

    def forward(self, features: Tensor) -> Tensor:
        """`[B, C, H, W]` -> the same shape."""
        changed: Tensor = self.body(features)
        return features + changed


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.SiLU())


def local_contrast(pixels: Tensor) -> Tensor:
    """Each channel less its neighbourhood's mean, over its deviation: what light and exposure hardly change."""
    mean, square = _around(pixels), _around(pixels * pixels)
    return (pixels - mean) * torch.rsqrt((square - mean * mean).clamp(min=0) + _CONTRAST_FLOOR**2)


def _around(values: Tensor) -> Tensor:
    """Mean over a neighbourhood of about 20 px, smooth enough to be taken at an eighth of the resolution."""
    coarse = functional.avg_pool2d(values, 8)
    smooth = functional.avg_pool2d(coarse, 3, 1, 1, count_include_pad=False)
    return functional.interpolate(smooth, scale_factor=8.0, mode="bilinear", align_corners=False)


def _laid_together(seen: Tensor, known: Tensor, ink: Tensor) -> Tensor:
    """Both sides' grey contrast at full resolution, one on the other, `_LAID_CHANNELS` channels.

    Seen before either is summed up on its own: only so is an edge that moved by half a pixel told from a soft one.
    """
    seen, ink = seen.expand_as(known), ink.expand_as(known)
    return torch.cat([seen, known, seen - known, ink], dim=1)


def _plain_difference(seen: Tensor, known: Tensor) -> Tensor:
    """Differences of local contrast in grey `[B, 1, P, P]` by cell, `_PLAIN_CHANNELS` channels.

    What no shift of 1 px explains, mean and worst; the difference as it stands, with its sign and without: a heavier
    stroke moves every edge by less than a pixel; and how much fine detail each side has, which says how sharp it is.
    """
    step = PAIR_PX // MAP_PX
    seen = seen.expand_as(known)
    outside = _outside(seen, known, 3)
    fine = [(side - functional.avg_pool2d(side, 3, 1, 1)).abs() for side in (seen, known)]
    means = torch.cat([outside, seen - known, (seen - known).abs(), *fine], dim=1)
    return torch.cat([functional.avg_pool2d(means, step), functional.max_pool2d(outside, step)], dim=1)


def _outside(seen: Tensor, known: Tensor, reach_px: int) -> Tensor:
    """How far each side lies beyond all that the other shows within a small shift, `2 C` channels."""
    return torch.cat([_beyond(seen, known, reach_px), _beyond(known, seen, reach_px)], dim=1)


def _beyond(values: Tensor, others: Tensor, reach_px: int) -> Tensor:
    high = functional.max_pool2d(others, reach_px, 1, reach_px // 2)
    low = -functional.max_pool2d(-others, reach_px, 1, reach_px // 2)
    return functional.relu(values - high) + functional.relu(low - values)


def light_between(photo: Tensor, reference: Tensor, ink: Tensor) -> tuple[Tensor, Tensor]:
    """Log ratio of light, photo over reference: by place `[B, 8, C, C]` and over all the ink `[B, 3]`.

    By place it is given with the overall ratio taken out, beside the overall ratio and both levels.
    """
    shape = (PAIR_PX // MAP_PX,) * 2
    cover = functional.avg_pool2d(ink, shape)
    seen, known = (_level(side, ink, cover, shape) for side in (photo, reference))
    ratio = (seen - known) * (cover > 0.05).to(seen.dtype)
    cast = (ratio * cover).flatten(2).sum(2) / (cover.flatten(2).sum(2) + 1.0)  # [B, 3]
    overall = cast[:, :, None, None]
    local = (ratio - overall) * cover
    flat = overall * torch.ones_like(local)
    levels = [side.mean(1, keepdim=True) * 0.5 * torch.ones_like(local[:, :1]) for side in (seen, known)]
    return torch.cat([local, flat, *levels], dim=1), cast


def _level(side: Tensor, ink: Tensor, cover: Tensor, shape: tuple[int, int]) -> Tensor:
    """Log of the mean linear light of the ink in each cell."""
    linear = side * side
    mean = functional.avg_pool2d(linear * (ink + 0.02), shape) / (cover + 0.02)
    return torch.log(mean + _DARK)
