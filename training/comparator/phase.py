"""Phase: where the edges of two marks lie, to a fraction of a pixel, whatever their contrast.

A mark's grey is split into even and odd parts about each point (the monogenic signal: Felsberg and Sommer, "The
monogenic signal", IEEE TSP 2001, section III). The angle between them says where within a wave an edge lies, and
hardly changes with light, ground or exposure; its difference between two marks is how far the edge has moved.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = 14  # seven of each of two scales
SUMMARY = 4
_WAVE_PX = 6.0  # the length to which the filters answer most, at full and at half resolution
_BANDWIDTH = 0.55  # of the log-normal passband
_KERNEL_PX = 15
_EMPTY = 1e-3


class Phase(nn.Module):
    """Both sides' grey and ink `[B, 1, P, P]` -> by cell of 4 px `[B, CHANNELS, C, C]`, over the ink `[B, SUMMARY]`.

    By cell and scale: how far edges moved towards the bright, how far at all, along x and y (in quarter turns of
    phase), what no motion explains, how much sharper or stronger they are, and how much edge there is to judge by.
    """

    filters: Tensor  # [3, 1, K, K]

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filters", _filters(), persistent=False)

    @torch.no_grad()
    def forward(self, seen: Tensor, known: Tensor, ink: Tensor) -> tuple[Tensor, Tensor]:
        """What moved, by cell and over the ink."""
        near = functional.max_pool2d(ink, 7, 1, 3)
        full = self._moved(seen, known, near, 4)
        seen, known, near = (functional.avg_pool2d(side, 2) for side in (seen, known, near))
        half = self._moved(seen, known, near, 2)
        return torch.cat([full[0], half[0]], dim=1), torch.cat([full[1], half[1]], dim=1)

    def _moved(self, seen: Tensor, known: Tensor, near: Tensor, step: int) -> tuple[Tensor, Tensor]:
        (even, *odd), (known_even, *known_odd) = (self._split(side) for side in (seen, known))
        slope = torch.sqrt(known_odd[0] ** 2 + known_odd[1] ** 2 + _EMPTY**2)
        across = [part / slope for part in known_odd]  # along the reference's gradient
        along = odd[0] * across[0] + odd[1] * across[1]
        strength, known_strength = (
            torch.sqrt(e * e + o * o + _EMPTY**2) for e, o in ((even, along), (known_even, slope))
        )
        both = strength * known_strength
        agree = (even * known_even + along * slope) / both  # cosine of the difference of phase
        turn = (known_even * along - even * slope) / both / (1 + agree.clamp(min=0))
        weight = torch.minimum(strength, known_strength) * slope / known_strength
        ratio = torch.log(strength / known_strength).clamp(-2, 2)
        values = torch.cat([turn, turn.abs(), turn * across[0], turn * across[1], 1 - agree, ratio], dim=1)
        judged = functional.avg_pool2d(weight, step)
        cells = functional.avg_pool2d(values * weight, step) / (judged + 0.02)
        weight = weight * near
        whole = (values[:, :1] * weight).flatten(1).sum(1) / (weight.flatten(1).sum(1) + 1)
        return torch.cat([4 * cells, judged], dim=1), 4 * torch.stack([whole, whole.abs()], dim=1)

    def _split(self, grey: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Even part, and odd parts along x and y, `[B, 1, P, P]` each."""
        border = _KERNEL_PX // 2
        padded = functional.pad(grey, (border,) * 4, mode="reflect")
        parts = functional.conv2d(padded, self.filters)
        return parts[:, :1], parts[:, 1:2], parts[:, 2:]


def _filters() -> Tensor:
    """A band-pass and its two Riesz transforms `[3, 1, K, K]`."""
    size = 96
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1.0
    band = np.exp(-(np.log(radius * _WAVE_PX) ** 2) / (2 * np.log(_BANDWIDTH) ** 2))
    band[0, 0] = 0.0
    spectra = (band, -1j * fx / radius * band, -1j * fy / radius * band)
    whole = [np.fft.fftshift(np.real(np.fft.ifft2(spectrum))) for spectrum in spectra]
    middle, reach = size // 2, _KERNEL_PX // 2
    window = np.hanning(_KERNEL_PX + 2)[1:-1]
    kernels = [k[middle - reach : middle + reach + 1, middle - reach : middle + reach + 1] for k in whole]
    windowed = np.stack(kernels) * window[:, None] * window[None]
    windowed[0] -= windowed[0].mean()  # flat grey has no even part
    flipped = windowed[:, ::-1, ::-1].copy()  # torch correlates
    return torch.from_numpy(flipped.astype(np.float32))[:, None]
