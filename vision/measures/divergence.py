"""Divergence: how a registered mark differs in design from its genuine references.

Pure arrays in, measures and a map out. Every measure is larger for what is less like the genuine, except
the last few, which say how well the photo could be seen and let the scorer weigh the others.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry import pose
from vision.geometry.features import luminance
from vision.geometry.registration import Registered, correlation, magnification, soft_contrast
from vision.measures import motion, phase, place
from vision.measures.colour import lowest, residual_under_light
from vision.measures.weighing import mean, worst
from vision.sighting import Sighting
from vision.template import Template
from vision.verdict import FAULTS

if TYPE_CHECKING:
    from vision.measures.comparator import Comparison

COMPARED = (  # what the learned comparator says; 0 where the bundle has none
    "compared",  # log odds that the drawings differ
    "compared_peak",  # the same of its worst place
    *(f"fault_{code}" for code in FAULTS),  # log share of belief in each fault
)
MEASURES = (
    "structure",  # mean residual of local contrast on the mark's ink
    "structure_peak",  # its worst 2%
    "structure_tail",  # its 99.7th percentile against each reference by itself, the median over references
    "structure_nearest",  # the 99th percentile on the ink against the reference that it is least against
    "structure_ground",  # mean residual where the mark lets the ground through
    "structure_excess",  # worst 2% over what references show among themselves
    "missing",  # edges of the reference that the photo lacks, worst 2%
    "added",  # edges of the photo that no reference has, worst 2%
    "warp",  # 90th percentile of motion that the homography leaves, px
    "warp_mean",
    "warp_spread",  # how unevenly the mark's quarters moved, px
    *phase.MEASURES,  # how far edges moved beyond what a homography explains
    "aspect",  # log ratio of the axes that no pose explains, against the references' own
    "shear",
    "mirror",  # log ratio of mirrored to upright correspondences
    "colour",  # mean chroma residual under the illuminant
    "colour_peak",  # worst 5%
    "tint",  # change of light taken out across the line of daylight
    "warmth",  # the same along it
    "stroke",  # difference of inked share
    "stroke_peak",
    "detail",  # fine detail lacking, log ratio
    *COMPARED,
    *place.MEASURES,  # what happened where it differs most: tells faults apart
    "decorrelation",  # 1 - correlation of local contrast
    "embedding",  # cosine distance of the aligned mark to the nearest reference
    "embedding_photo",  # the same of the best region of the photo
    "thin",  # minus log of agreeing correspondences
    "disagreement",  # share of correspondences that the homography refuses
    "blur",  # blur that makes the references match the photo best, px
    "coarseness",  # log of frame px per photo px
    "hidden",  # share of the mark outside the photo
    "glare",  # share of the mark burnt out
    "references",  # log of the number of references
)
BLURS_PX = (0.0, 0.8, 1.5, 2.6)


@dataclass(frozen=True, eq=False)
class Divergence:
    """How one sighting differs from a template."""

    measures: NDArray[np.float32]  # [M] in the order of MEASURES
    residual: NDArray[np.float32]  # [S, S] of local contrast, over the whole frame
    heat: NDArray[np.float32]  # [S, S] 0..1 over the mark: the comparator's map, or the residual of local contrast
    missing: NDArray[np.float32]  # [S, S] edges lacking
    added: NDArray[np.float32]  # [S, S] edges too many
    colour: NDArray[np.float32]  # [S, S] chroma residual on the ink
    nearest: int  # index of the reference that agrees best


@dataclass(frozen=True, eq=False)
class _Views:
    """Photo and `K` compared references in like terms."""

    photo: NDArray[np.float32]  # [S, S] local contrast
    references: NDArray[np.float32]  # [K, S, S] local contrast at the photo's blur
    weight: NDArray[np.float32]  # [S, S] mark, seen and not burnt out
    ink: NDArray[np.float32]  # [S, S] the same of its ink
    valid: NDArray[np.bool_]  # [K, S, S]
    order: NDArray[np.intp]  # [K] indices into the template, best first
    agreement: NDArray[np.float64]  # [K] correlation with the photo
    tail: float  # 99.7th percentile of the plain residual, median over all references
    nearest: float  # 99th percentile of the plain residual on the ink, least over all references
    blur_px: float


class PairComparator(Protocol):
    """A learned judge of aligned pairs."""

    def compare(
        self, photo: NDArray[np.uint8], references: NDArray[np.uint8], ink: NDArray[np.float32]
    ) -> "Comparison":
        """Compare a photo `[S, S, 3]` with `K` references `[K, S, S, 3]` over the mark's ink `[S, S]`."""
        ...


def measure(
    sighting: Sighting, template: Template, max_references: int = 3, comparator: PairComparator | None = None
) -> Divergence:
    """Measure a sighting against the `max_references` references of a template that agree with it best."""
    views = _views(sighting.registered, template, max_references)
    compared = (
        comparator.compare(sighting.registered.pixels, template.stack[views.order], template.ink)
        if comparator
        else None
    )
    residual = _residual(views)
    missing, added = _edges(views)
    stack = template.stack[views.order]
    chroma, light = residual_under_light(sighting.registered.pixels, stack, views.valid, views.ink)
    heat = residual / 2.0 if compared is None else np.maximum(compared.heat, residual / 4.0)
    heat = np.clip(heat * views.weight, 0, 1).astype(np.float32)
    values = {
        **_structure(residual, views, template.spread),
        "missing": worst(missing, views.weight, 0.02),
        "added": worst(added, views.weight, 0.02),
        **motion.left_over(sighting.registered.flow, views.photo, views.references[0], views.ink),
        **_edge_motion(views, template),
        **_proportions(sighting, template),
        "mirror": float(np.log((1 + sighting.mirrored_inliers) / (1 + sighting.inliers))),
        "colour": mean(chroma, views.ink),
        "colour_peak": worst(chroma, views.ink, 0.05),
        "tint": abs(light.tint),
        "warmth": abs(light.warmth),
        **_ink(views),
        **_clarity(sighting, template, views),
        **_compared(compared),
        **place.measure(heat, views.photo, views.references[0], views.weight, chroma),
        "decorrelation": 1 - float(views.agreement[0]),
        "embedding": sighting.embedding,
        "embedding_photo": sighting.embedding_photo,
        "thin": -float(np.log(max(sighting.inliers, 1))),
        "disagreement": 1 - sighting.inliers / max(sighting.matched, 1),
        "references": float(np.log(len(template))),
    }
    measures = np.array([values[name] for name in MEASURES], np.float32)
    lacking, extra = missing * views.weight, added * views.weight
    coloured = (chroma * views.ink).astype(np.float32)
    return Divergence(measures, residual, heat, lacking, extra, coloured, int(views.order[0]))


def compared_among(template: Template, comparator: PairComparator, max_references: int = 3) -> NDArray[np.float32]:
    """What the comparator says of each reference held against others of the template.

    `[N, M]`, NaN for the measures that it does not make; how different genuine photographs of this mark look to it.
    """
    measures = np.full((len(template), len(MEASURES)), np.nan, np.float32)
    for index in range(len(template)):
        others = [i for i in range(len(template)) if i != index][:max_references]
        found = _compared(comparator.compare(template.stack[index], template.stack[others], template.ink))
        measures[index, [MEASURES.index(name) for name in found]] = list(found.values())
    return measures


def _compared(comparison: "Comparison | None") -> dict[str, float]:
    if comparison is None:
        return dict.fromkeys(COMPARED, 0.0)
    return dict(zip(COMPARED, (comparison.logit, comparison.peak, *comparison.faults.tolist()), strict=True))


def _views(registered: Registered, template: Template, max_references: int) -> _Views:
    seen = (registered.valid & ~_burnt(registered.pixels)).astype(np.float32)
    weight, ink = template.mark * seen, template.ink * seen
    near_ink = np.asarray(cv2.dilate(ink, np.ones((7, 7), np.uint8)), np.float32)
    photo, plain = soft_contrast(luminance(registered.pixels)), template.soft_contrast
    agreement = np.array([correlation(photo, r, near_ink * v) for r, v in zip(plain, template.valid, strict=True)])
    order = np.argsort(-agreement, kind="stable")[:max_references]
    blur_px, references = _blurred_alike(photo, template, order, near_ink)
    tail, nearest = _plain_residuals(photo, plain, template.valid, weight, ink)
    valid = template.valid[order]
    return _Views(photo, references, weight, ink, valid, order, agreement[order], tail, nearest, blur_px)


def _plain_residuals(
    photo: NDArray[np.float32],
    references: NDArray[np.float32],
    valid: NDArray[np.bool_],
    weight: NDArray[np.float32],
    ink: NDArray[np.float32],
) -> tuple[float, float]:
    """The worst of the plain residual, held against each reference by itself: the median's and the nearest's.

    One odd reference cannot cry alone in the first; in the second, one that was lit alike can clear the photo.
    """
    tails: list[float] = []
    peaks: list[float] = []
    for reference, inside in zip(references, valid, strict=True):
        residual = cv2.GaussianBlur(np.abs(photo - reference), (0, 0), 1.5)
        for found, where, percent in ((tails, weight, 99.7), (peaks, ink, 99.0)):
            values = residual[(where > 0.5) & inside]
            found.append(float(np.percentile(values, percent)) if values.size else 0.0)
    return float(np.median(tails)), min(peaks)


def _burnt(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where light has left no colour and no detail: says nothing about the design. `[S, S]`"""
    bright = lowest(pixels) >= 250
    opened = cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    if bright.mean() > 0.35:  # a white mark, not a highlight
        return np.zeros(bright.shape, np.bool_)
    return np.asarray(opened > 0, np.bool_)


def _blurred_alike(
    photo: NDArray[np.float32], template: Template, order: NDArray[np.intp], weight: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32]]:
    """The references at `order`, under the blur at which the first of them matches the photo best."""
    best = (correlation(photo, template.soft_contrast[order[0]], weight), 0.0)
    for blur_px in BLURS_PX[1:]:
        best = max(best, (correlation(photo, template.blurred_contrast(int(order[0]), blur_px), weight), blur_px))
    if best[1] == 0.0:
        return 0.0, template.soft_contrast[order]
    return best[1], np.stack([template.blurred_contrast(int(index), best[1]) for index in order])


def _residual(views: _Views) -> NDArray[np.float32]:
    """Least difference of local contrast to any compared reference, forgiving 1 px of motion. `[S, S]`"""
    each = []
    for reference, valid in zip(views.references, views.valid, strict=True):
        low, high = cv2.erode(reference, np.ones((3, 3))), cv2.dilate(reference, np.ones((3, 3)))
        outside = np.maximum(0, np.maximum(low - views.photo, views.photo - high))
        each.append(np.where(valid, outside, np.float32(9)))
    least = np.min(each, axis=0)
    return np.asarray(cv2.GaussianBlur(np.where(least > 8, 0, least).astype(np.float32), (0, 0), 2.0), np.float32)


def _edges(views: _Views) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Edge strength that the photo lacks, and that it has too much of. `[S, S]` each."""
    photo = _gradient(views.photo)
    references = np.stack([_gradient(r) for r in views.references])
    near = np.ones((5, 5))
    lacking = np.maximum(0, references.min(axis=0) - cv2.dilate(photo, near))
    extra = np.maximum(0, photo - cv2.dilate(references.max(axis=0), near))
    soften = [cv2.GaussianBlur(x, (0, 0), 2.0) for x in (lacking, extra)]
    return np.asarray(soften[0], np.float32), np.asarray(soften[1], np.float32)


def _gradient(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(contrast, (0, 0), 1.0)
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(dx, dy) / 4, np.float32)


def _structure(residual: NDArray[np.float32], views: _Views, spread: NDArray[np.float32]) -> dict[str, float]:
    ground = (views.weight * (1 - views.ink)).astype(np.float32)
    excess = np.maximum(0, residual - spread).astype(np.float32)
    return {
        "structure": mean(residual, views.ink),
        "structure_peak": worst(residual, views.ink, 0.02),
        "structure_tail": views.tail,
        "structure_nearest": views.nearest,
        "structure_ground": mean(residual, ground) if ground.sum() > 100 else 0.0,
        "structure_excess": worst(excess, views.weight, 0.02),
    }


def _edge_motion(views: _Views, template: Template) -> dict[str, float]:
    """How the edges moved from the compared references, each figure the one of the reference that it is least for.

    A reference that was lit alike can clear the photo; none can accuse it alone.
    """
    photo = phase.split(views.photo)
    found = [phase.moved(photo, template.edges(int(index)), views.weight) for index in views.order]
    return {name: min(abs(each[name]) for each in found) for name in phase.MEASURES}


def _proportions(sighting: Sighting, template: Template) -> dict[str, float]:
    """Aspect and shear that no pose explains, less what the references themselves show."""
    plane = np.linalg.inv(template.metric)
    own = pose.rigidity(np.linalg.inv(template.homographies) @ plane, template.photo_px)
    seen = pose.rigidity(np.linalg.inv(sighting.registered.homography) @ plane, np.array(sighting.photo_px, np.int32))
    off = np.abs(seen - np.median(own, axis=0))
    return {"aspect": float(min(off[0], 1.0)), "shear": float(min(off[1], 1.0))}


def _ink(views: _Views) -> dict[str, float]:
    """Difference of the share of ink, over the mark and at its worst place."""
    photo = 1 / (1 + np.exp(-3 * views.photo))
    inked = 1 / (1 + np.exp(-3 * views.references))
    local = np.min([np.abs(cv2.GaussianBlur((photo - r).astype(np.float32), (0, 0), 6.0)) for r in inked], axis=0)
    whole = min(abs(mean((photo - r).astype(np.float32), views.ink)) for r in inked)
    return {"stroke": whole, "stroke_peak": worst(np.asarray(local, np.float32), views.ink, 0.05)}


def _clarity(sighting: Sighting, template: Template, views: _Views) -> dict[str, float]:
    fine_photo = mean(np.abs(views.photo - cv2.GaussianBlur(views.photo, (0, 0), 1.5)), views.ink)
    fine_reference = mean(np.abs(views.references[0] - cv2.GaussianBlur(views.references[0], (0, 0), 1.5)), views.ink)
    mark = max(float(template.mark.sum()), 1.0)
    registered = sighting.registered
    return {
        "detail": float(np.log((fine_reference + 0.02) / (fine_photo + 0.02))),
        "blur": views.blur_px,
        "coarseness": float(np.log(magnification(registered.homography, len(template.mark)))),
        "hidden": 1 - float((template.mark * registered.valid).sum()) / mark,
        "glare": float((template.mark * _burnt(registered.pixels)).sum()) / mark,
    }
