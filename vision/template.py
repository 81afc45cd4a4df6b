"""The template: genuine references of one mark, co-registered in one frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vision.geometry.features import LocalFeatures, luminance
from vision.geometry.polish import Goal
from vision.geometry.registration import local_contrast, soft_contrast
from vision.measures import phase

_KEPT = ("greys", "contrast", "soft_contrast")  # of every reference, from the first look on


@dataclass(frozen=True, eq=False)
class Template:
    """`N` genuine photographs of one mark in a frame of `S` px.

    A brand whose references show several marks (an emblem and a wordmark) has a template for each.
    """

    reference_ids: tuple[str, ...]  # N
    stack: NDArray[np.uint8]  # [N, S, S, 3] references warped into the frame; the first is the anchor
    valid: NDArray[np.bool_]  # [N, S, S] where each reference has pixels
    mark: NDArray[np.float32]  # [S, S] 0..1, where the mark is: its outline, filled
    ink: NDArray[np.float32]  # [S, S] 0..1, the mark's own substance; the rest of its outline lets the ground through
    features: tuple[LocalFeatures, ...]  # of each reference, points in frame px, on the mark
    homographies: NDArray[np.float64]  # [N, 3, 3] reference photo px (of its working size) -> frame px
    photo_px: NDArray[np.int32]  # [N, 2] width, height of each reference's working size
    metric: NDArray[np.float64]  # [3, 3] frame px -> the mark's own plane, true in angle and proportion
    spread: NDArray[np.float32]  # [S, S] structure residual that references show among themselves
    genuine: NDArray[np.float32]  # [N, M] measures of each reference against the others; NaN with one

    def __len__(self) -> int:
        return len(self.reference_ids)

    # What every look needs of the references is kept from the first look on, never stored. A reference of 224 px
    # has 0.2 MB of its own; 0.45 MB more are kept, 0.9 MB where photos come nearest to it, and at most another 0.6 MB
    # if photos of every blur come. Whoever keeps templates bounds it by how many references they hold.

    @cached_property
    def greys(self) -> NDArray[np.uint8]:
        """Luma of the references `[N, S, S]`."""
        return np.stack([luminance(reference) for reference in self.stack])

    @cached_property
    def contrast(self) -> NDArray[np.float32]:
        """Local contrast of the references `[N, S, S]`."""
        return np.stack([local_contrast(grey) for grey in self.greys])

    @cached_property
    def soft_contrast(self) -> NDArray[np.float32]:
        """Local contrast `[N, S, S]` of the references without the finest grain, as photos are compared with them."""
        return np.stack([soft_contrast(grey) for grey in self.greys])

    def blurred_contrast(self, index: int, blur_px: float) -> NDArray[np.float32]:
        """Local contrast `[S, S]` of one reference blurred first; `blur_px` should be one of few, as each is kept."""
        kept = self._blurred.get((index, blur_px))
        if kept is None:
            kept = self._blurred[index, blur_px] = soft_contrast(self.greys[index], blur_px)
        return kept

    @cached_property
    def goal(self) -> Goal:
        """The first reference, as rough guesses are polished against."""
        return Goal.of(self.contrast[0], self.mark)

    def edges(self, index: int) -> tuple[phase.Edges, ...]:
        """One reference's edges, for telling how far a photo's lie from them."""
        kept = self._edges.get(index)
        if kept is None:
            kept = self._edges[index] = phase.edges(self.soft_contrast[index], self.ink)
        return kept

    @cached_property
    def _edges(self) -> dict[int, tuple[phase.Edges, ...]]:
        return {}

    @cached_property
    def _blurred(self) -> dict[tuple[int, float], NDArray[np.float32]]:
        return {}

    def without(self, index: int) -> "Template":
        """The template of all references but one: what leave-one-out measures against."""
        keep = np.array([i for i in range(len(self)) if i != index])
        return self.of(keep)

    def of(self, keep: NDArray[np.intp]) -> "Template":
        """The template of the references at `keep` only, in the same frame, with what is kept of them already."""
        part = Template(
            tuple(self.reference_ids[i] for i in keep),
            self.stack[keep],
            self.valid[keep],
            self.mark,
            self.ink,
            tuple(self.features[i] for i in keep),
            self.homographies[keep],
            self.photo_px[keep],
            self.metric,
            self.spread,
            self.genuine[keep],
        )
        vars(part).update(self._kept_of(keep))
        return part

    def prepared(self) -> "Template":
        """Itself, with what looks need of every reference kept, so that each part of it has that too."""
        _ = self.contrast, self.soft_contrast, [self.edges(index) for index in range(len(self))]
        return self

    def _kept_of(self, keep: NDArray[np.intp]) -> dict[str, object]:
        """What earlier looks kept of the references at `keep`, by the names it is kept under."""
        kept = vars(self)
        found: dict[str, object] = {name: kept[name][keep] for name in _KEPT if name in kept}
        places = {int(old): new for new, old in enumerate(keep)}
        found["_edges"] = {places[index]: edges for index, edges in self._edges.items() if index in places}
        found["_blurred"] = {(places[i], px): made for (i, px), made in self._blurred.items() if i in places}
        return found

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Plain arrays that hold all of it, for a shard file without pickle."""
        counts = np.array([len(f) for f in self.features], np.int64)
        return {
            "reference_ids": np.array(self.reference_ids, np.str_),
            "stack": self.stack,
            "valid": np.packbits(self.valid, axis=-1),
            "mark": np.round(self.mark * 255).astype(np.uint8),
            "ink": np.round(self.ink * 255).astype(np.uint8),
            "feature_counts": counts,
            "feature_points": np.concatenate([f.points for f in self.features]),
            "feature_axes": np.concatenate([f.axes for f in self.features]),
            "feature_descriptors": np.concatenate([f.descriptors for f in self.features]),
            "homographies": self.homographies,
            "photo_px": self.photo_px,
            "metric": self.metric,
            "spread": self.spread.astype(np.float16),
            "genuine": self.genuine,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Template":
        """The template that `to_arrays` was called on."""
        stack = np.asarray(arrays["stack"], np.uint8)
        ends = np.cumsum(np.asarray(arrays["feature_counts"], np.int64))[:-1]
        points = np.split(np.asarray(arrays["feature_points"], np.float32), ends)
        axes = np.split(np.asarray(arrays["feature_axes"], np.float32), ends)
        descriptors = np.split(np.asarray(arrays["feature_descriptors"], np.uint8), ends)
        return cls(
            tuple(str(i) for i in arrays["reference_ids"]),
            stack,
            np.unpackbits(np.asarray(arrays["valid"], np.uint8), axis=-1, count=stack.shape[2]).astype(np.bool_),
            _shares(arrays["mark"]),
            _shares(arrays["ink"]),
            tuple(LocalFeatures(p, a, d) for p, a, d in zip(points, axes, descriptors, strict=True)),
            np.asarray(arrays["homographies"], np.float64),
            np.asarray(arrays["photo_px"], np.int32),
            np.asarray(arrays["metric"], np.float64),
            np.asarray(arrays["spread"], np.float32),
            np.asarray(arrays["genuine"], np.float32),
        )


def _shares(stored: NDArray[np.generic]) -> NDArray[np.float32]:
    """Shares 0..1 of their stored bytes."""
    return np.asarray(np.asarray(stored, np.float32) / np.float32(255), np.float32)
