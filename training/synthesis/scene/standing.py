"""Standings: where in a picture a mark can be seen, kept true while other things are laid over it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.synthesis.scene.imprint import Imprint
from vision.camera.noise import Field

Box = tuple[float, float, float, float]  # x0 y0 x1 y1 px
Part = tuple[slice, slice]  # rows, columns
_SEEN = 0.35  # share of a pixel that a mark must take to count as seen there


@dataclass(frozen=True, eq=False)
class Standing:
    """One mark in a picture."""

    imprint: Imprint
    product: str  # what it stands on
    tilt_deg: float  # between its normal and the line of sight
    whole_px: float  # area it would take in px, were all of it in the frame and nothing before it
    mask: Field  # [h, w] 0..1 how much of each pixel it can be seen in
    x: int  # px of the mask's upper left in the picture; may lie outside it
    y: int

    @property
    def box(self) -> Box | None:
        """Extent of what can be seen of it; None where nothing can."""
        seen = self.mask > _SEEN
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        if not rows.size:
            return None
        left, top = float(self.x + columns[0]), float(self.y + rows[0])
        return left, top, float(self.x + columns[-1] + 1), float(self.y + rows[-1] + 1)

    @property
    def visible(self) -> float:
        """Share 0..1 of it that can be seen."""
        return min(1.0, float((self.mask > _SEEN).sum()) / max(self.whole_px, 1.0))

    def under(self, alpha: Field, x: int, y: int) -> "Standing":
        """The same behind a layer of coverage `alpha` [h, w] whose upper left is at x, y."""
        shared = self._shared(alpha.shape, x, y)
        if shared is None:
            return self
        mine, theirs = shared
        mask = self.mask.copy()
        mask[mine] *= 1.0 - alpha[theirs]
        return replace(self, mask=mask)

    def cut_out(self, alpha: Field, x: int, y: int) -> "Standing":
        """The same on a thing that covers the picture as `alpha` [h, w] says, its upper left at x, y, and no more."""
        mask = np.zeros_like(self.mask)
        shared = self._shared(alpha.shape, x, y)
        if shared is not None:
            mine, theirs = shared
            mask[mine] = self.mask[mine] * alpha[theirs]
        return replace(self, mask=mask)

    def _shared(self, shape: tuple[int, ...], x: int, y: int) -> tuple[Part, Part] | None:
        """Where the mask and a layer lie over one another, as a part of each; None where nowhere."""
        left, top = max(x, self.x), max(y, self.y)
        right, bottom = min(x + shape[1], self.x + self.mask.shape[1]), min(y + shape[0], self.y + self.mask.shape[0])
        if right <= left or bottom <= top:
            return None
        mine = slice(top - self.y, bottom - self.y), slice(left - self.x, right - self.x)
        return mine, (slice(top - y, bottom - y), slice(left - x, right - x))

    def moved(self, dx: int, dy: int) -> "Standing":
        """The same in a picture whose origin lies elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def within(self, width: int, height: int) -> "Standing":
        """The same, cut off by a frame of `width` x `height` px."""
        left, top = max(0, -self.x), max(0, -self.y)
        mask = self.mask[top : max(top, height - self.y), left : max(left, width - self.x)]
        return replace(self, mask=mask, x=self.x + left, y=self.y + top)


def under(marks: Sequence[Standing], alpha: Field, x: int, y: int) -> list[Standing]:
    """All of them behind one more layer."""
    return [mark.under(alpha, x, y) for mark in marks]
