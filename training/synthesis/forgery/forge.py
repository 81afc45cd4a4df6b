"""One forgery of one artwork: the kinds, the strengths, and the promise that the alteration shows."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery import colour, lettering, members, outline, stroke
from training.synthesis.forgery.mark import Mark, NotApplicable, premultiply, straighten, take_apart

Alteration = Callable[[Mark, int, np.random.Generator], NDArray[np.float32]]

_ALTERATIONS: MappingProxyType[str, Alteration] = MappingProxyType(
    {
        "hue": colour.hue,
        "stroke_weight": stroke.stroke_weight,
        "aspect": outline.aspect,
        "mirrored": outline.mirrored,
        "part_missing": members.part_missing,
        "part_added": members.part_added,
        "part_moved": members.part_moved,
        "warped": outline.warped,
        "coarse_detail": stroke.coarse_detail,
        "lettering": lettering.lettering,
    }
)
KINDS = tuple(_ALTERATIONS)
SEVERITIES = (1, 2, 3)

_TRIES = 8
_SEEN = 14 / 255  # difference of a pixel, on the worse of black and white ground, that counts as changed
_LEAST_SHARE = {1: 0.004, 2: 0.008, 3: 0.014}  # changed area, of the mark's area
_LEAST_MEAN = {1: 20 / 255, 2: 26 / 255, 3: 32 / 255}  # difference over the changed area


@dataclass(frozen=True, eq=False)
class Forgery:
    """Artwork as a counterfeiter would get it wrong, and where."""

    artwork: NDArray[np.uint8]  # [S, S, 4] RGBA, straight alpha
    mask: NDArray[np.bool_]  # [S, S] pixels that visibly differ from the genuine artwork
    kind: str
    severity: int  # 1 a careful look finds it, 3 a glance does


def forge(artwork: NDArray[np.uint8], kind: str, severity: int, rng: np.random.Generator) -> Forgery:
    """A forgery of RGBA artwork [S, S, 4] that visibly differs from it.

    NotApplicable where this artwork does not allow the kind; ValueError for an unknown kind or severity.
    """
    if kind not in _ALTERATIONS or severity not in SEVERITIES:
        raise ValueError(f"forgery {kind!r} of severity {severity}: give one of {', '.join(KINDS)} and 1, 2 or 3")
    return forge_mark(take_apart(artwork), kind, severity, rng)


def forge_mark(mark: Mark, kind: str, severity: int, rng: np.random.Generator) -> Forgery:
    """As `forge`, of a mark already taken apart, which many forgeries of one artwork can share."""
    reason = "the alteration would hardly show"
    for trial in rng.spawn(_TRIES):
        try:
            altered = straighten(_ALTERATIONS[kind](mark, severity, trial))
        except NotApplicable as refusal:
            reason = str(refusal)
            continue
        difference = _difference(mark.layers, premultiply(altered))
        mask = _changed(difference)
        if _shows(mark, difference, mask, severity):
            return Forgery(altered, mask, kind, severity)
    raise NotApplicable(f"{kind} of severity {severity}: {reason}")


def _difference(genuine: NDArray[np.float32], altered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Largest channel difference 0..1 on black or on white ground, whichever shows more. [S, S]"""
    on_black = altered - genuine
    on_white = on_black[..., :3] - on_black[..., 3:]
    worse = np.maximum(np.abs(on_black[..., :3]).max(2), np.abs(on_white).max(2))
    return np.asarray(worse, dtype=np.float32)


def _changed(difference: NDArray[np.float32]) -> NDArray[np.bool_]:
    closed = cv2.morphologyEx((difference > _SEEN).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray(closed.astype(bool))


def _shows(mark: Mark, difference: NDArray[np.float32], mask: NDArray[np.bool_], severity: int) -> bool:
    area = int(mask.sum())
    return area >= _LEAST_SHARE[severity] * mark.area_px and float(difference[mask].mean()) >= _LEAST_MEAN[severity]
