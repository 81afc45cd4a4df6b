"""Drawing: a photograph by the camera model, with the box of the mark it shows."""

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.crop import BoxPx
from training.synthesis.listings import altered
from training.synthesis.masks import on_canvas
from training.synthesis.plan import Job
from training.synthesis.product import mount
from vision.camera import PRESETS, cover, photograph

_INKED = 8  # alpha from which artwork is seen
_SEEN = 0.5  # share of a pixel that the mark takes


@dataclass(frozen=True, eq=False)
class Drawn:
    """A photograph and where its mark is."""

    photo: NDArray[np.uint8]  # [H, W, 3] sRGB
    box: BoxPx  # of the mark's artwork, curvature included, cover by other things not
    alteration: str  # of a forged mark, else empty


def draw(job: Job) -> Drawn:
    """The photograph that `training.synthesis.listings` takes of a job that shows a mark."""
    assert job.artwork is not None
    forge_rng, mount_rng, camera_rng = np.random.default_rng(job.seed).spawn(3)
    artwork, alteration = altered(job, forge_rng)
    assert artwork is not None
    mounted = mount(artwork, job.product, mount_rng, job.finish, job.artwork)
    conditions, shape = PRESETS[job.condition], (mounted.canvas.shape[0], mounted.canvas.shape[1])
    layer = on_canvas(artwork[..., 3] > _INKED, mounted.box, shape)
    seen = cover(layer, conditions, copy.deepcopy(camera_rng), job.long_side_px, mounted.mark)
    shot = photograph(mounted.canvas, conditions, camera_rng, job.long_side_px, mounted.mark)
    return Drawn(shot.photo, _around(seen), alteration)


def _around(seen: NDArray[np.float32]) -> BoxPx:
    """The box of what is seen `[H, W]` 0..1."""
    inside = seen > _SEEN * min(1.0, float(seen.max()))
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
