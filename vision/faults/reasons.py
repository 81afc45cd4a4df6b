"""Reasons: the names, words and places of what made a mark diverge. They follow a decision and never change it."""

import numpy as np
from numpy.typing import NDArray

from vision.faults.lettering import Lettering, Misspelling
from vision.faults.naming import Naming
from vision.geometry.registration import magnification
from vision.measures.divergence import Divergence
from vision.recognition import Recognition
from vision.scorer import Scorer
from vision.sighting import Sighting, box_of
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


def why(
    best: Recognition, scorer: Scorer, photo: int, lettering: Lettering | None = None, naming: Naming | None = None
) -> list[Reason]:
    """Named reasons of a flagged, aligned recognition, each with the box in photo number `photo` of the worst of it.

    Lettering comes first where it is read and differs: it is what a person sees at once.
    """
    assert best.divergence is not None
    assert best.sighting is not None
    spelt = [] if lettering is None else _misspelt(best, photo, lettering)
    told = {reason.code for reason in spelt}
    said = 0.0 if naming is None else naming.said(best)
    named = [code for code, _ in scorer.reasons(best.inputs, said) if code not in told]
    if not spelt and not named:
        named = [ReasonCode.STRUCTURE_DIFFERS]
    return spelt + [
        Reason(code, WORDS[code], photo, box_of(_map_for(code, best.divergence), best.sighting)) for code in named
    ]


def _misspelt(best: Recognition, photo: int, lettering: Lettering) -> list[Reason]:
    assert best.sighting is not None
    assert best.template is not None
    seen = best.sighting.registered
    found = lettering.differs(seen.pixels, magnification(seen.homography, len(seen.pixels)), best.template)
    if found is None:
        return []
    return [Reason(ReasonCode.LETTERING_DIFFERS, found.words, photo, _box_of_line(found, best.sighting))]


def _box_of_line(found: Misspelling, sighting: Sighting) -> tuple[float, float, float, float]:
    where = np.zeros(sighting.registered.valid.shape, np.float32)
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in found.box)
    where[y0:y1, x0:x1] = 1.0
    return box_of(where, sighting)


def _map_for(code: ReasonCode, found: Divergence) -> NDArray[np.float32]:
    maps = {
        ReasonCode.PART_MISSING: found.missing,
        ReasonCode.PART_ADDED: found.added,
        ReasonCode.COLOUR_OFF: found.colour,
    }
    chosen = maps.get(code, found.heat)
    return (chosen > 0.6 * max(float(chosen.max()), 1e-6)).astype(np.float32)
