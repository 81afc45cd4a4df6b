"""Reasons: the names, words and places of what made a mark diverge. They follow a decision and never change it."""

import numpy as np
from numpy.typing import NDArray

from vision.divergence import Divergence
from vision.recognition import Recognition
from vision.scorer import Scorer
from vision.sighting import box_of
from vision.verdict import Reason, ReasonCode

WORDS: dict[ReasonCode, str] = {
    ReasonCode.SHAPE_DISTORTED: "the mark's shape or proportions differ beyond what the camera's pose explains",
    ReasonCode.COLOUR_OFF: "the mark's colours differ beyond what the light explains",
    ReasonCode.PART_MISSING: "something the references show is lacking",
    ReasonCode.PART_ADDED: "something is shown that no reference has",
    ReasonCode.STROKE_WEIGHT: "strokes are heavier or lighter than the references'",
    ReasonCode.MIRRORED: "the mark, or a part of it, is mirrored",
    ReasonCode.LETTERING_DIFFERS: "the lettering differs from the references'",
    ReasonCode.LOW_DETAIL: "fine detail of the references is lost",
    ReasonCode.STRUCTURE_DIFFERS: "the drawing of the mark differs from the references'",
}


def why(best: Recognition, scorer: Scorer, photo: int) -> list[Reason]:
    """Named reasons of a flagged, aligned recognition, each with the box in photo number `photo` of the worst of it."""
    assert best.divergence is not None
    assert best.sighting is not None
    named = scorer.reasons(best.divergence.measures) or [(ReasonCode.STRUCTURE_DIFFERS, 0.0)]
    return [
        Reason(code, WORDS[code], photo, box_of(_map_for(code, best.divergence), best.sighting)) for code, _ in named
    ]


def _map_for(code: ReasonCode, found: Divergence) -> NDArray[np.float32]:
    maps = {
        ReasonCode.PART_MISSING: found.missing,
        ReasonCode.PART_ADDED: found.added,
        ReasonCode.COLOUR_OFF: found.colour,
    }
    chosen = maps.get(code, found.heat)
    return (chosen > 0.6 * max(float(chosen.max()), 1e-6)).astype(np.float32)
