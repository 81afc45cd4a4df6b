"""Enrolment: from a brand's reference photos to templates, one for each mark they show.

References are matched with one another, those that show one mark are brought into one frame, and the mark
is where they agree. Each is then measured against the others, so that every brand says for itself how
much genuine photographs of it differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vision.geometry.alignment import Alignment
from vision.geometry.features import extract
from vision.measures import divergence, place
from vision.photo import Photo
from vision.references.framing import framed
from vision.references.grouping import groups_of, join
from vision.references.view import Member, View
from vision.sighting import locate, sight
from vision.template import Template

VERSION = "7"  # of templates: a gallery made by another is rebuilt
WORKING_SIDE_PX = 640
MAX_FEATURES = 1000
LEARNED = (*divergence.COMPARED, *place.MEASURES, "embedding", "embedding_photo")  # what the bundle's models make
MAX_PAIRED = 12  # references matched all with all; the rest join what they fit
MAX_TEMPLATES = 16


@dataclass(frozen=True, eq=False)
class Group:
    """`N` references that were found to show one mark."""

    ids: tuple[str, ...]  # N; the first is the anchor
    to_anchor: NDArray[np.float64]  # [N, 3, 3] photo px (of its working size) -> the anchor's


@dataclass(frozen=True, eq=False)
class Enrolled:
    """What a brand's references came to."""

    templates: tuple[Template, ...]  # of the largest groups, the largest first
    groups: tuple[Group, ...]  # all, in the order they were founded


def build(references: Sequence[tuple[str, Photo]]) -> tuple[Template, ...]:
    """Templates of a brand's references `(id, photo)`; those that no other agrees with stand alone."""
    return enrol(references).templates


def enrol(references: Sequence[tuple[str, Photo]]) -> Enrolled:
    """Templates of a brand's references `(id, photo)`, and how they were grouped."""
    views = [view_of(reference_id, photo) for reference_id, photo in references]
    groups = groups_of(views[:MAX_PAIRED])
    for view in views[MAX_PAIRED:]:
        join(view, groups)
    largest = sorted(groups, key=len, reverse=True)[:MAX_TEMPLATES]
    return Enrolled(tuple(template_of(group) for group in largest), tuple(_group(group) for group in groups))


def mark_crops(templates: Sequence[Template]) -> list[tuple[str, NDArray[np.uint8]]]:
    """The mark of each templated reference in its frame `(id, [S, S, 3])`, to embed beside the whole photo."""
    return [pair for template in templates for pair in zip(template.reference_ids, template.stack, strict=True)]


def view_of(reference_id: str, photo: Photo) -> View:
    """A reference as the steps of enrolment take it."""
    pixels = photo.fit(WORKING_SIDE_PX).pixels
    return View(reference_id, pixels, extract(pixels, MAX_FEATURES))


def _group(members: Sequence[Member]) -> Group:
    return Group(tuple(member.view.id for member in members), np.stack([member.to_anchor for member in members]))


def template_of(group: Sequence[Member]) -> Template:
    """One mark's template: its references registered in one frame, and held against one another."""
    return _with_genuine(framed(group), group)


def _with_genuine(template: Template, group: Sequence[Member]) -> Template:
    """The template with what its references show when each is held against the others.

    What models say is left open: templates outlive a change of model.
    """
    if len(template) < 2:
        return template
    each, whole = [], template.prepared()
    for index, member in enumerate(group):
        others = whole.without(index)
        found = locate(member.view.features, others)
        known = Alignment(template.homographies[index], found.inliers if found else 0, found.matched if found else 0, 0)
        sighting = sight(member.view.pixels, member.view.features, others, known)
        each.append(divergence.measure(sighting, others))
    spread = np.mean([measured.residual for measured in each], axis=0).astype(np.float32)
    genuine = np.stack([measured.measures for measured in each])
    genuine[:, [divergence.MEASURES.index(name) for name in LEARNED]] = np.nan
    return replace(template, spread=spread, genuine=genuine)
