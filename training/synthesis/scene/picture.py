"""A picture in the making: things laid into a scene one over the other in linear light, then photographed."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.scene import standing
from training.synthesis.scene.sheet import Sheet
from training.synthesis.scene.stand import Stand, shifted, tilt_deg
from training.synthesis.scene.standing import Standing
from training.synthesis.scene.thing import Borne, Thing
from vision.camera import light, pose, sensor
from vision.camera.backdrop import backdrop
from vision.camera.conditions import Conditions
from vision.camera.noise import Field
from vision.camera.pose import Pose
from vision.camera.surface import Surface, project

Light = NDArray[np.float32]  # [H, W, 3] linear
Rng = np.random.Generator
Span = tuple[int, int, int, int]  # x0 y0 x1 y1 px

_PIECE_PX = 160  # side of a mark's own canvas when its mask is projected
_FACING_AWAY = 0.02  # cosine below which a thing is seen from its edge and not drawn


@dataclass(eq=False)
class Picture:
    """What the lens sees so far."""

    scene: Light  # [H, W, 3]
    focal_px: float
    marks: list[Standing] = field(default_factory=list)
    gloss: Field = field(init=False)  # [H, W] 0..1 where highlights may lie
    things: int = 0

    def __post_init__(self) -> None:
        self.gloss = np.zeros(self.scene.shape[:2], np.float32)

    @classmethod
    def before(cls, kind: str, size: tuple[int, int], rng: Rng) -> "Picture":
        """An empty scene of (width, height) px before one of the camera's backdrops."""
        return cls(backdrop(kind, size[1], size[0], rng), float(rng.uniform(1.0, 2.2)) * size[0])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) px"""
        return int(self.scene.shape[1]), int(self.scene.shape[0])

    def lay(self, thing: Thing, stand: Stand, rng: Rng) -> None:
        """Lay a thing over all that is there."""
        seen_from = stand.pose(thing.size, self.size, self.focal_px, thing.bend)
        reach = 0.0 if thing.endless else float(rng.uniform(0.01, 0.05)) * stand.side_px
        x0, y0, x1, y1 = span = self._span(seen_from, thing.size, 3.0 * reach + 2.0)
        if x1 - x0 < 2 or y1 - y0 < 2 or np.cos(np.radians(tilt_deg(seen_from))) < _FACING_AWAY:
            return
        surface = project(thing.canvas, shifted(seen_from, x0, y0), (x1 - x0, y1 - y0))
        alpha = surface.alpha[..., 0]
        self._throw_shadow(alpha, span, reach, rng)
        part = self.scene[y0:y1, x0:x1]
        part *= 1.0 - surface.alpha
        part += surface.light * _shade(surface, rng)
        self.gloss[y0:y1, x0:x1] = np.maximum(self.gloss[y0:y1, x0:x1], alpha)
        self.marks = standing.under(self.marks, alpha, x0, y0)
        self.marks += [self._standing(b, thing, seen_from).cut_out(alpha, x0, y0) for b in thing.marks]
        self.things += 1

    def cover(self, colour: Light, alpha: Field, x: int, y: int) -> None:
        """Lay a flat layer, linear light [h, w, 3] under `alpha` [h, w], over all that is there."""
        x0, y0 = max(0, x), max(0, y)
        x1, y1 = min(self.size[0], x + alpha.shape[1]), min(self.size[1], y + alpha.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        rows, columns = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
        part = self.scene[y0:y1, x0:x1]
        part += (colour[rows, columns] - part) * alpha[rows, columns, None]
        self.marks = standing.under(self.marks, alpha[rows, columns], x0, y0)

    def develop(self, conditions: Conditions, rng: Rng) -> Sheet:
        """The photograph of it, before it becomes a file."""
        lit = light.illuminate(self.scene, Surface(self.scene, self.gloss[..., None], None), conditions, rng)
        soft = sensor.blur(sensor.expose(lit, conditions, rng), conditions, rng)
        return Sheet(sensor.sense(soft, conditions, rng), list(self.marks), self.things)

    def _span(self, seen_from: Pose, canvas_px: tuple[int, int], margin: float) -> Span:
        """The part of the frame that a canvas can touch."""
        corners = pose.corners((0.0, 0.0, float(canvas_px[0]), float(canvas_px[1])))
        plane = np.column_stack([corners, np.ones(4)]) @ seen_from.to_plane.T
        if np.any(plane[:, :2] @ seen_from.rotation[2, :2] + seen_from.translation[2] < 0.05):
            return 0, 0, *self.size  # it reaches behind the lens
        low, high = pose.extent(pose.apply(seen_from.homography, corners))
        x0, y0 = np.maximum(np.floor(low - margin), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(high + margin), self.size).astype(int)
        return int(x0), int(y0), int(x1), int(y1)

    def _throw_shadow(self, alpha: Field, span: Span, reach: float, rng: Rng) -> None:
        angle, depth = rng.uniform(0.0, 2 * np.pi), rng.uniform(0.2, 0.6)
        if reach < 0.5:
            return
        x0, y0, x1, y1 = span
        moved = np.array([[1.0, 0.0, reach * np.cos(angle)], [0.0, 1.0, reach * np.sin(angle)]])
        thrown = cv2.GaussianBlur(cv2.warpAffine(alpha, moved, (x1 - x0, y1 - y0)), (0, 0), reach)
        self.scene[y0:y1, x0:x1] *= 1.0 - np.float32(depth) * thrown[..., None]

    def _standing(self, borne: Borne, thing: Thing, seen_from: Pose) -> Standing:
        """Where a mark stands once its thing is laid."""
        piece, to_canvas = _piece(borne, thing)
        side = piece.shape[0]
        own = shifted(seen_from, 0.0, 0.0, to_canvas)
        x0, y0, x1, y1 = self._span(own, (side, side), 2.0)
        if x1 - x0 < 1 or y1 - y0 < 1:
            return Standing(
                borne.imprint, borne.product, tilt_deg(seen_from), 1.0, np.zeros((1, 1), np.float32), x0, y0
            )
        mask = project(piece, shifted(own, x0, y0), (x1 - x0, y1 - y0)).alpha[..., 0]
        whole = float((piece[..., 3] > 128).sum()) * _area_scale(own.homography, side / 2)
        return Standing(borne.imprint, borne.product, tilt_deg(seen_from), whole, np.ascontiguousarray(mask), x0, y0)


def _piece(borne: Borne, thing: Thing) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A mark's coverage on a canvas of its own [P, P, 4], and the way from there to its thing's canvas."""
    piece = np.zeros((_PIECE_PX, _PIECE_PX, 4), np.uint8)
    piece[..., 3] = cv2.resize(borne.imprint.pixels[..., 3], (_PIECE_PX, _PIECE_PX), interpolation=cv2.INTER_AREA)
    x0, y0, x1, y1 = borne.box
    width, height = thing.size
    across, down = (x1 - x0) * width / _PIECE_PX, (y1 - y0) * height / _PIECE_PX
    return piece, np.array([[across, 0.0, x0 * width], [0.0, down, y0 * height], [0.0, 0.0, 1.0]])


def _area_scale(homography: NDArray[np.float64], middle: float) -> float:
    """Photo px per canvas px, by area, at the canvas' middle."""
    depth = float(homography[2] @ np.array([middle, middle, 1.0]))
    return abs(float(np.linalg.det(homography)) / depth**3)


def _shade(surface: Surface, rng: Rng) -> NDArray[np.float32]:
    """[h, w, 1] shading of a bent surface; 1 for a flat one."""
    lamp = np.float32(rng.uniform(-0.7, 0.7))
    if surface.bend is None:
        return np.ones((1, 1, 1), np.float32)
    return np.asarray(np.clip(np.cos(surface.bend - lamp) / np.cos(lamp), 0.12, 1.5), np.float32)[..., None]
