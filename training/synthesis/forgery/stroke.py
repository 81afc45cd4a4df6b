"""Forgeries of the drawing's fineness: `stroke_weight` and `coarse_detail`."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery.mark import PIECE, TRANSPARENT, Mark, NotApplicable, Part, grow, stroke_widths
from training.synthesis.forgery.surgery import nearest_fill

_STEP_SHARE = {1: 0.11, 2: 0.20, 3: 0.32}  # of a stroke's width, that each of its edges moves
_STEP_RANGE = {1: (0.0021, 0.0060), 2: (0.0037, 0.0105), 3: (0.0060, 0.015)}  # of the square's side
_THIN_SHARE = 0.16  # of the square's side: a wider region is a field, not a stroke
_TRACE_SHARE = {1: (0.0055, 0.17), 2: (0.0095, 0.30), 3: (0.015, 0.48)}  # of the side, of a stroke: bad tracing
_SPECK_SHARE = {1: 0.0012, 2: 0.0025, 3: 0.005}  # of the mark's area: smaller parts are lost
_BLUR_SHARE = {1: (0.010, 0.26), 2: (0.017, 0.40), 3: (0.026, 0.60)}  # of the side, of a stroke: detail lost


# --- stroke_weight ------------------------------------------------------------------------------


def stroke_weight(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """The edges of one ink moved outwards or inwards by one step all along."""
    ink = _ink(mark, rng)
    widths = stroke_widths(ink)
    width = float(np.median(widths))
    low, high = (share * mark.size_px for share in _STEP_RANGE[severity])
    step = float(np.clip(_STEP_SHARE[severity] * width, low, high))
    # A thinned stroke must stay a stroke: nothing may vanish.
    thinner = rng.random() < 0.5 and step < 0.36 * float(np.percentile(widths, 20))
    return _moved_edge(mark.layers, ink, -step if thinner else step)


def _ink(mark: Mark, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A colour drawn in strokes: thin, and with a long edge for its area. [S, S]"""
    candidates = [mark.of_label(label) for label in range(1, len(mark.palette) + 1)]
    if len(mark.palette) > 1:
        candidates.append(mark.labels != TRANSPARENT)
    strokes = [ink for ink in candidates if _is_drawn(ink, mark)]
    if not strokes:
        raise NotApplicable("no ink drawn in strokes")
    edges = np.array([_edge_px(ink) for ink in strokes], np.float64)
    return strokes[int(rng.choice(len(strokes), p=edges / edges.sum()))]


def _is_drawn(ink: NDArray[np.bool_], mark: Mark) -> bool:
    area = int(ink.sum())
    if area < 0.02 * mark.area_px or area < 40:
        return False
    return 2 * area / max(1, _edge_px(ink)) < _THIN_SHARE * mark.size_px


def _edge_px(ink: NDArray[np.bool_]) -> int:
    return int(grow(ink, 1).sum()) - int(ink.sum())


def _moved_edge(layers: NDArray[np.float32], ink: NDArray[np.bool_], step_px: float) -> NDArray[np.float32]:
    """The ink grown (or, below zero, shrunk) by `step_px`; both sides keep the colours nearest to them."""
    inside = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 5)
    signed = inside - outside  # px, larger = deeper in the ink
    cover = np.clip(0.5 + signed + step_px, 0, 1)[..., None]
    # Two pixels of rim are blends of both sides: the pure colours lie deeper, where the stroke is that wide.
    pure_ink = nearest_fill(layers, inside > min(1.5, float(inside.max()) / 2))
    pure_ground = nearest_fill(layers, outside > min(1.5, float(outside.max()) / 2))
    redrawn = pure_ink * cover + pure_ground * (1 - cover)
    near = np.clip(abs(step_px) + 3 - np.abs(signed), 0, 1)[..., None]
    return np.asarray(redrawn * near + layers * (1 - near), dtype=np.float32)


# --- coarse_detail ------------------------------------------------------------------------------


def coarse_detail(mark: Mark, severity: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Traced badly in a few flat colours with angular edges, or with its small detail lost."""
    return _traced(mark, severity) if rng.random() < 0.6 else _blunted(mark, severity)


def _traced(mark: Mark, severity: int) -> NDArray[np.float32]:
    """Each part a polygon of one colour, larger parts first; specks are left out."""
    scale = 2
    canvas = np.zeros((mark.size_px * scale, mark.size_px * scale, 4), np.float32)
    tolerance = _of_side_or_stroke(mark, _TRACE_SHARE[severity]) * scale
    for part in mark.parts:
        if part.label != PIECE and part.area_px >= _SPECK_SHARE[severity] * mark.area_px:
            fill = (0.0, 0.0, 0.0, 0.0) if part.label == TRANSPARENT else (*_colour(mark, part), 1.0)
            cv2.fillPoly(canvas, _polygons(part, tolerance, scale), fill)
    small = cv2.resize(canvas, (mark.size_px, mark.size_px), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _of_side_or_stroke(mark: Mark, shares: tuple[float, float]) -> float:
    """px: the lesser of a share of the square's side and of the drawing's strokes, so that small drawing survives."""
    of_side, of_stroke = shares
    return max(0.8, min(of_side * mark.size_px, of_stroke * mark.stroke_px))


def _colour(mark: Mark, part: Part) -> tuple[float, float, float]:
    red, green, blue = mark.palette[part.label - 1]
    return float(red), float(green), float(blue)


def _polygons(part: Part, tolerance_px: float, scale: int) -> list[NDArray[np.int32]]:
    large = cv2.resize(part.body.astype(np.uint8), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    corner = np.array(part.box[:2]) * scale
    return [(cv2.approxPolyDP(contour, tolerance_px, True) + corner).astype(np.int32) for contour in contours]


def _blunted(mark: Mark, severity: int) -> NDArray[np.float32]:
    """Low-passed and made hard again: corners round off, thin lines and gaps close up."""
    sigma = _of_side_or_stroke(mark, _BLUR_SHARE[severity])
    votes = np.stack(
        [cv2.GaussianBlur(mark.of_label(label).astype(np.float32), (0, 0), sigma) for label in _labels(mark)], axis=2
    )  # [S, S, C + 1]
    sharp = np.clip((votes - votes.max(2, keepdims=True)) * 2.5 * sigma + 1, 0, None)
    sharp /= sharp.sum(2, keepdims=True)
    colours = np.concatenate([np.zeros((1, 4)), np.column_stack([mark.palette, np.ones(len(mark.palette))])])
    return np.asarray(sharp @ colours, dtype=np.float32)


def _labels(mark: Mark) -> range:
    return range(len(mark.palette) + 1)
