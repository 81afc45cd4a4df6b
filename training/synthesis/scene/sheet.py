"""Sheets: pictures after the camera, where people paste, crop, write and stamp on them."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.synthesis import artwork
from training.synthesis.scene import standing
from training.synthesis.scene.imprint import Imprint
from training.synthesis.scene.standing import Standing
from vision.camera.noise import Field

Colour = tuple[int, int, int]  # sRGB 0..255


@dataclass(eq=False)
class Sheet:
    """A picture in sRGB and the marks that can be seen in it."""

    photo: NDArray[np.uint8]  # [H, W, 3]
    marks: list[Standing] = field(default_factory=list)
    things: int = 0  # laid into it: what clutter is told by

    @classmethod
    def blank(cls, width: int, height: int, colour: Colour) -> Self:
        """A sheet of one colour."""
        return cls(np.full((height, width, 3), colour, np.uint8))

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px"""
        return int(self.photo.shape[1]), int(self.photo.shape[0])

    def paste(self, other: Self, x: int, y: int) -> None:
        """Put another sheet in at x, y px; what juts out is cut off."""
        part = self.photo[max(0, y) :, max(0, x) :]
        source = other.photo[max(0, -y) :, max(0, -x) :]
        height, width = min(part.shape[0], source.shape[0]), min(part.shape[1], source.shape[1])
        if height <= 0 or width <= 0:
            return
        part[:height, :width] = source[:height, :width]
        self.marks = standing.under(self.marks, np.ones((height, width), np.float32), max(0, x), max(0, y))
        framed = (mark.within(*other.size).moved(x, y) for mark in other.marks)
        self.marks += [mark for mark in framed if mark.mask.size]
        self.things += other.things

    def lay(self, colour: Colour | NDArray[np.uint8], alpha: Field, x: int, y: int) -> None:
        """Lay a colour, or pixels [h, w, 3], over the sheet where `alpha` [h, w] says."""
        x0, y0 = max(0, x), max(0, y)
        x1, y1 = min(self.size[0], x + alpha.shape[1]), min(self.size[1], y + alpha.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        rows, columns = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
        tint = np.asarray(colour, np.float32)
        tint = tint[rows, columns] if tint.ndim == 3 else tint
        part = self.photo[y0:y1, x0:x1].astype(np.float32)
        part += (tint - part) * alpha[rows, columns, None]
        self.photo[y0:y1, x0:x1] = np.clip(part + 0.5, 0.0, 255.0)
        self.marks = standing.under(self.marks, alpha[rows, columns], x0, y0)

    def stamp(self, imprint: Imprint, x: int, y: int, side_px: int, strength: float = 1.0) -> None:
        """Print a mark flat onto the sheet, its artwork's square from x, y px."""
        small = artwork.resize(imprint.pixels, side_px, side_px)
        cover = small[..., 3].astype(np.float32) / np.float32(255)
        self.lay(np.ascontiguousarray(small[..., :3]), cover * np.float32(strength), x, y)
        mark = Standing(imprint, "print", 0.0, float((cover > 0.5).sum()), cover, x, y)
        self.marks.append(mark.within(*self.size))

    def cut(self, x: int, y: int, width: int, height: int) -> "Sheet":
        """A part of the sheet."""
        photo = np.ascontiguousarray(self.photo[y : y + height, x : x + width])
        framed = (mark.moved(-x, -y).within(width, height) for mark in self.marks)
        return Sheet(photo, [mark for mark in framed if mark.mask.size], self.things)
