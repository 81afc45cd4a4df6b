"""One shot: the camera's stages in the order light takes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera import light, pose, sensor, wear
from vision.camera.backdrop import backdrop
from vision.camera.conditions import Conditions
from vision.camera.pose import Box
from vision.camera.surface import Surface, project

Canvas = NDArray[np.uint8]  # RGBA [h, w, 4]


@dataclass(frozen=True, eq=False)
class Shot:
    """A photograph and where in it the canvas lies."""

    photo: NDArray[np.uint8]  # [H, W, 3] sRGB
    homography: NDArray[np.float64]  # [3, 3] canvas px to photo px, before curvature
    quad: NDArray[np.float32]  # [4, 2] photo px of the canvas' corners, before curvature, clockwise from upper left
    box: Box  # the mark's box in the photo, fractions 0..1, before curvature


def photograph(
    canvas: Canvas,
    conditions: Conditions,
    rng: np.random.Generator,
    out_px: int = 512,
    mark_box: Box | None = None,
) -> Shot:
    """A photograph whose longer side is `out_px`, of the canvas under conditions drawn from `rng`.

    `mark_box` is the mark's place on the canvas in fractions; framing is by it, and it stays inside the frame.
    Without it, the canvas' visible part is the mark. The same seed and canvas size give the same circumstances.
    """
    mark_px = _mark_px(canvas, mark_box)
    frame_px, stand = _stand(canvas, conditions, rng, out_px, mark_px)
    quad = pose.apply(stand.homography, pose.corners((0.0, 0.0, canvas.shape[1], canvas.shape[0])))
    mark = pose.apply(stand.homography, pose.corners(mark_px))
    photo = _develop(project(canvas, stand, frame_px), mark, conditions, frame_px, rng)
    return Shot(photo, stand.homography, quad.astype(np.float32), _fractions(mark, frame_px))


def cover(
    canvas: Canvas, conditions: Conditions, rng: np.random.Generator, out_px: int, mark_box: Box
) -> NDArray[np.float32]:
    """How much of each pixel [H, W] 0..1 the canvas takes in the photograph that `photograph` gives of a canvas of
    its size from the same arguments: where a part of it lies there, curvature included.
    """
    frame_px, stand = _stand(canvas, conditions, rng, out_px, _mark_px(canvas, mark_box))
    return np.ascontiguousarray(project(canvas, stand, frame_px).alpha[..., 0])


def _stand(
    canvas: Canvas, conditions: Conditions, rng: np.random.Generator, out_px: int, mark_px: Box
) -> tuple[tuple[int, int], pose.Pose]:
    """The first that is drawn: the frame's (width, height) px and where the camera stands."""
    frame_px = _frame(conditions, out_px, rng)
    return frame_px, pose.draw(conditions, (canvas.shape[1], canvas.shape[0]), mark_px, frame_px, rng)


def _develop(
    surface: Surface,
    mark: NDArray[np.float64],
    conditions: Conditions,
    frame_px: tuple[int, int],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Surface to photo: backdrop, light, mishaps, lens, sensor, file."""
    ground = backdrop(str(rng.choice(conditions.backdrops)), frame_px[1], frame_px[0], rng)
    scene = light.illuminate(light.lay_on(surface, ground, rng), surface, conditions, rng)
    scene = wear.occlude(wear.scratch(scene, mark, conditions, rng), mark, conditions, rng)
    scene = sensor.blur(sensor.expose(scene, conditions, rng), conditions, rng)
    return sensor.file(sensor.sense(scene, conditions, rng), conditions, rng)


def _frame(conditions: Conditions, out_px: int, rng: np.random.Generator) -> tuple[int, int]:
    """(width, height) px of one of the aspects, the longer side `out_px`."""
    across, down = conditions.aspects[rng.integers(len(conditions.aspects))]
    longer = max(across, down)
    return round(out_px * across / longer), round(out_px * down / longer)


def _mark_px(canvas: Canvas, mark_box: Box | None) -> Box:
    height, width = canvas.shape[:2]
    if mark_box is not None:
        return mark_box[0] * width, mark_box[1] * height, mark_box[2] * width, mark_box[3] * height
    rows, columns = np.nonzero(canvas[..., 3].max(axis=1))[0], np.nonzero(canvas[..., 3].max(axis=0))[0]
    if not rows.size:
        return 0.0, 0.0, float(width), float(height)
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _fractions(mark: NDArray[np.float64], frame_px: tuple[int, int]) -> Box:
    low, high = pose.extent(np.clip(mark / np.array(frame_px), 0.0, 1.0))
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
