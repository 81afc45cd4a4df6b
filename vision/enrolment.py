"""Enrolment: from a brand's reference photos to templates, one for each mark they show.

References are matched with one another, those that show one mark are brought into one frame, and the mark
is where they agree. Each is then measured against the others, so that every brand says for itself how
much genuine photographs of it differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision import alignment, divergence, place, pose
from vision.alignment import Alignment
from vision.features import LocalFeatures, extract, luminance
from vision.foreground import foreground
from vision.outline import hull, ink_of, mark_in_anchor
from vision.photo import Photo
from vision.registration import FRAME_PX, local_contrast, register, warp
from vision.search import search
from vision.sighting import locate, sight
from vision.template import Template
from vision.view import Member, View

VERSION = "6"  # of templates: a gallery made by another is rebuilt
WORKING_SIDE_PX = 640
MAX_FEATURES = 1000
MIN_LINK_INLIERS = 8
LEARNED = (*divergence.COMPARED, *place.MEASURES, "embedding", "embedding_photo")  # what the bundle's models make
FEW_FEATURES = 220  # a reference with more is left to its local features
LINK_AGREEMENT = 0.72  # correlation at which two references by appearance show one mark
MAX_PAIRED = 12  # references matched all with all; the rest join what they fit
MAX_STACK = 16  # references kept a template: more say little new and cost at every inspection
MAX_TEMPLATES = 16
MARGIN = 0.12  # frame around the mark, share of its longer side


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
    groups = _groups(views[:MAX_PAIRED])
    for view in views[MAX_PAIRED:]:
        _join(view, groups)
    largest = sorted(groups, key=len, reverse=True)[:MAX_TEMPLATES]
    return Enrolled(tuple(template_of(group) for group in largest), tuple(_group(group) for group in groups))


def mark_crops(templates: Sequence[Template]) -> list[tuple[str, NDArray[np.uint8]]]:
    """The mark of each templated reference in its frame `(id, [S, S, 3])`, to embed beside the whole photo."""
    return [pair for template in templates for pair in zip(template.reference_ids, template.stack, strict=True)]


def view_of(reference_id: str, photo: Photo) -> View:
    """A reference as the steps of enrolment take it."""
    pixels = photo.fit(WORKING_SIDE_PX).pixels
    return View(reference_id, pixels, extract(pixels, MAX_FEATURES))


def _groups(views: Sequence[View]) -> list[list[Member]]:
    """Views that show one mark, each group led by the view that agrees with most others."""
    links = _links(views)
    weight = np.zeros((len(views), len(views)))
    for (i, j), found in links.items():
        weight[i, j] = weight[j, i] = found.inliers
    left, groups = set(range(len(views))), []
    while left:
        anchor = max(left, key=lambda i: (weight[i, sorted(left)].sum(), -i))
        group = _spanning(views, links, weight, anchor, left)
        left -= {i for i, _ in group}
        groups.append([Member(views[i], to_anchor) for i, to_anchor in group][:MAX_STACK])
    return groups


def _links(views: Sequence[View]) -> dict[tuple[int, int], Alignment]:
    """Accepted alignments `i -> j` of every pair i < j."""
    found = {}
    for i, query in enumerate(views):
        for j in range(i + 1, len(views)):
            target = views[j]
            link = alignment.align(alignment.match(query.features, target.features), target.px)
            if link is not None and link.inliers >= MIN_LINK_INLIERS:
                found[i, j] = link
    _link_by_appearance(views, found)
    return found


def _link_by_appearance(views: Sequence[View], links: dict[tuple[int, int], Alignment]) -> None:
    """Link views that have no link yet to one leader, where their mark is too simple for local features."""
    linked = [i for pair in links for i in pair]
    simple = [i for i, view in enumerate(views) if len(view.features) <= FEW_FEATURES]
    leaders = sorted(simple, key=lambda i: (-linked.count(i), i))
    leader, mark = next(((i, m) for i in leaders if (m := foreground(views[i].pixels)) is not None), (None, None))
    if leader is None or mark is None:
        return
    target = _Target.of(views[leader], mark)
    for i in simple:
        link = target.seen_in(views[i]) if i != leader and i not in linked else None
        if link is not None:
            inverse = replace(link, homography=np.asarray(np.linalg.inv(link.homography), np.float64))
            links[(i, leader) if i < leader else (leader, i)] = link if i < leader else inverse


@dataclass(frozen=True, eq=False)
class _Target:
    """A view's mark that stands on a plain ground, to be looked for as a whole."""

    to_frame: NDArray[np.float64]  # [3, 3]
    contrast: NDArray[np.float32]  # [S, S]
    mark: NDArray[np.float32]  # [S, S] 0 or 1

    @classmethod
    def of(cls, view: View, standing_out: NDArray[np.uint8]) -> "_Target":
        outline = hull(standing_out)
        to_frame = _frame_of(outline)
        frame, _ = warp(view.pixels, to_frame)
        mark = np.asarray(cv2.warpPerspective(outline, to_frame, (FRAME_PX, FRAME_PX)), np.float32)
        return cls(to_frame, local_contrast(luminance(frame)), mark)

    def seen_in(self, query: View) -> Alignment | None:
        """Alignment of a view whose mark is too simple for local features."""
        found = search(query.pixels, self.contrast, self.mark, LINK_AGREEMENT)
        if found is None or not alignment.plausible(found.homography, (FRAME_PX, FRAME_PX)):
            return None
        return Alignment(np.linalg.inv(self.to_frame) @ found.homography, MIN_LINK_INLIERS, 0, 0.0)


def _spanning(
    views: Sequence[View],
    links: dict[tuple[int, int], Alignment],
    weight: NDArray[np.float64],
    anchor: int,
    left: set[int],
) -> list[tuple[int, NDArray[np.float64]]]:
    """Views reachable from `anchor` by the strongest links, with their maps into its photo."""
    reached = {anchor: np.eye(3)}
    while True:
        edges = [(weight[i, j], i, j) for i in left - set(reached) for j in reached if weight[i, j] > 0]
        if not edges:
            return list(reached.items())
        _, i, j = max(edges)
        step = links[i, j].homography if i < j else np.linalg.inv(links[j, i].homography)
        reached[i] = reached[j] @ step


def _join(view: View, groups: list[list[Member]]) -> None:
    """Add a view to the first group that it fits, if there is room, or let it found one."""
    place, to_anchor = home_of(view, (group[0].view for group in groups)) or (len(groups), np.eye(3))
    if place == len(groups):
        groups.append([])
    if len(groups[place]) < MAX_STACK:
        groups[place].append(Member(view, to_anchor))


def home_of(view: View, anchors: Iterable[View]) -> tuple[int, NDArray[np.float64]] | None:
    """Position of the first anchor that a view agrees with, and the view's map into its photo."""
    for position, anchor in enumerate(anchors):
        link = alignment.align(alignment.match(view.features, anchor.features), anchor.px)
        if link is not None and link.inliers >= MIN_LINK_INLIERS:
            return position, link.homography
    return None


def _group(members: Sequence[Member]) -> Group:
    return Group(tuple(member.view.id for member in members), np.stack([member.to_anchor for member in members]))


def template_of(group: Sequence[Member]) -> Template:
    """One mark's template: its references registered in one frame, and held against one another."""
    mark = mark_in_anchor(group)
    to_frame = _frame_of(mark)
    frame_mark = np.asarray(cv2.warpPerspective(mark, to_frame, (FRAME_PX, FRAME_PX)), np.float32)
    homographies, stack, valid = _registered(group, to_frame, frame_mark)
    ink = ink_of(stack, frame_mark, group[0], to_frame)
    features = tuple(_on_mark(m.view.features.moved(h), frame_mark) for m, h in zip(group, homographies, strict=True))
    photo_px = np.array([m.view.px for m in group], np.int32)
    metric = pose.metric_of(np.asarray(np.linalg.inv(homographies), np.float64), photo_px, FRAME_PX)
    blank = np.zeros((FRAME_PX, FRAME_PX), np.float32)
    nothing = np.full((len(group), len(divergence.MEASURES)), np.nan, np.float32)
    ids = tuple(m.view.id for m in group)
    template = Template(ids, stack, valid, frame_mark, ink, features, homographies, photo_px, metric, blank, nothing)
    return _with_genuine(template, group)


def _frame_of(mark: NDArray[np.float32]) -> NDArray[np.float64]:
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
    target = local_contrast(luminance(first))
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
