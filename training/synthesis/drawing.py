"""Drawing: a photograph by the camera model, with the box of the mark it shows."""

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthesis.listings import altered
from training.synthesis.masks import on_canvas
from training.synthesis.plan import Job
from training.synthesis.product import mount
from vision.camera import PRESETS, cover, photograph

BoxPx = tuple[float, float, float, float]  # x0 y0 x1 y1

_INKED = 8  # alpha from which artwork is seen
_SEEN = 0.5  # share of a pixel that the mark takes


@dataclass(frozen=True, eq=False)
class Drawn:
    """A photograph and where its mark is."""

    photo: NDArray[np.uint8]  # [H, W, 3] sRGB
    box: BoxPx  # of the mark's artwork, curvature included, cover by other things not
    alteration: str  # of a forged mark, else empty


def draw(job: Job, canvas_px: int = 640) -> Drawn:
    """The photograph that `training.synthesis.listings` takes of a job that shows a mark.

    A canvas of another side gives another photograph.
    """
    assert job.artwork is not None
    forge_rng, mount_rng, camera_rng = np.random.default_rng(job.seed).spawn(3)
    artwork, alteration = altered(job, forge_rng)
    assert artwork is not None
    mounted = mount(artwork, job.product, mount_rng, job.finish, job.artwork, canvas_px)
    conditions, shape = PRESETS[job.condition], (mounted.canvas.shape[0], mounted.canvas.shape[1])
    layer = on_canvas(artwork[..., 3] > _INKED, mounted.box, shape)
    seen = cover(layer, conditions, copy.deepcopy(camera_rng), job.long_side_px, mounted.mark)
    shot = photograph(mounted.canvas, conditions, camera_rng, job.long_side_px, mounted.mark)
    return Drawn(shot.photo, _around(seen), alteration)


def cut(photo: NDArray[np.uint8], box: BoxPx, margin: float) -> NDArray[np.uint8]:
    """A box of a photo `[H, W, 3]`, that share of its sides added on each side, as far as the photo goes: a view."""
    x0, y0, x1, y1 = box
    across, down = margin * (x1 - x0), margin * (y1 - y0)
    rows = slice(max(0, round(y0 - down)), round(y1 + down))
    columns = slice(max(0, round(x0 - across)), round(x1 + across))
    return photo[rows, columns]


def _around(seen: NDArray[np.float32]) -> BoxPx:
    """The box of what is seen `[H, W]` 0..1."""
    inside = seen > _SEEN * min(1.0, float(seen.max()))
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
