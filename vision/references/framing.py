"""Framing: the references that show one mark, brought into one frame."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry import pose
from vision.geometry.features import LocalFeatures
from vision.geometry.registration import FRAME_PX, framed_contrast, register, warp
from vision.measures import divergence
from vision.references.outline import ink_of, mark_in_anchor
from vision.references.view import Member
from vision.template import Template

MARGIN = 0.12  # frame around the mark, share of its longer side


def framed(group: Sequence[Member]) -> Template:
    """A group's template, before its references are held against one another."""
    mark = mark_in_anchor(group)
    to_frame = frame_of(mark)
    frame_mark = np.asarray(cv2.warpPerspective(mark, to_frame, (FRAME_PX, FRAME_PX)), np.float32)
    homographies, stack, valid = _registered(group, to_frame, frame_mark)
    ink = ink_of(stack, frame_mark, group[0], to_frame)
    features = tuple(_on_mark(m.view.features.moved(h), frame_mark) for m, h in zip(group, homographies, strict=True))
    photo_px = np.array([m.view.px for m in group], np.int32)
    metric = pose.metric_of(np.asarray(np.linalg.inv(homographies), np.float64), photo_px, FRAME_PX)
    blank = np.zeros((FRAME_PX, FRAME_PX), np.float32)
    nothing = np.full((len(group), len(divergence.MEASURES)), np.nan, np.float32)
    ids = tuple(m.view.id for m in group)
    return Template(ids, stack, valid, frame_mark, ink, features, homographies, photo_px, metric, blank, nothing)


def frame_of(mark: NDArray[np.float32]) -> NDArray[np.float64]:
    """Similarity `[3, 3]` that sets the mark's bounding square, with its margin, on the frame."""
    x, y, w, h = cv2.boundingRect((mark > 0.5).astype(np.uint8))
    side = max(w, h) * (1 + 2 * MARGIN)
    scale = FRAME_PX / side
    shift = [FRAME_PX / 2 - scale * (x + w / 2), FRAME_PX / 2 - scale * (y + h / 2)]
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])


def _registered(
    group: Sequence[Member], to_frame: NDArray[np.float64], mark: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.bool_]]:
    """Refined maps `[N, 3, 3]`, pixels `[N, S, S, 3]` and validity `[N, S, S]` of a group in its frame."""
    first, inside = warp(group[0].view.pixels, to_frame)
    target = framed_contrast(first)
    homographies, stack, valid = [to_frame], [first], [inside]
    for member in group[1:]:
        found = register(member.view.pixels, to_frame @ member.to_anchor, target, mark)
        homographies.append(found.homography)
        stack.append(found.pixels)
        valid.append(found.valid)
    return np.stack(homographies), np.stack(stack), np.stack(valid)


def _on_mark(features: LocalFeatures, mark: NDArray[np.float32]) -> LocalFeatures:
    x, y = np.round(features.points).astype(int).T if len(features) else (np.zeros(0, int), np.zeros(0, int))
    inside = (x >= 0) & (y >= 0) & (x < FRAME_PX) & (y < FRAME_PX)
    on = inside.copy()
    on[inside] = mark[y[inside], x[inside]] > 0.5
    return features.take(np.flatnonzero(on))
