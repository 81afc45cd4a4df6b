"""Enrolment: from a brand's reference photos to templates, one for each mark they show.

References are matched with one another, those that show one mark are brought into one frame, and the mark
is where they agree. Each is then measured against the others, so that every brand says for itself how
much genuine photographs of it differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision import alignment, divergence, pose
from vision.alignment import Alignment
from vision.features import LocalFeatures, extract, luminance, project
from vision.foreground import foreground
from vision.photo import Photo
from vision.registration import FRAME_PX, local_contrast, register, warp
from vision.search import search
from vision.sighting import locate, sight
from vision.template import Template

VERSION = "3"  # of templates: a gallery made by another is rebuilt
WORKING_SIDE_PX = 640
MAX_FEATURES = 1000
MIN_LINK_INLIERS = 12
LEARNED = ("compared", "compared_peak", "embedding", "embedding_photo")  # measures that models in the bundle make
FEW_FEATURES = 220  # a reference with more is left to its local features
LINK_AGREEMENT = 0.72  # correlation at which two references by appearance show one mark
MIN_FOR_INK = 4  # references from which their tones tell mark from ground
MAX_PAIRED = 12  # references matched all with all; the rest join what they fit
MAX_STACK = 16  # references kept a template: more say little new and cost at every inspection
MAX_TEMPLATES = 16
MARGIN = 0.12  # frame around the mark, share of its longer side


@dataclass(frozen=True, eq=False)
class _View:
    """One reference at working size."""

    id: str
    pixels: NDArray[np.uint8]
    features: LocalFeatures

    @property
    def px(self) -> tuple[float, float]:
        return float(self.pixels.shape[1]), float(self.pixels.shape[0])


@dataclass(frozen=True, eq=False)
class _Member:
    """A view and its map `[3, 3]` into the anchor's photo."""

    view: _View
    to_anchor: NDArray[np.float64]


def build(references: Sequence[tuple[str, Photo]]) -> tuple[Template, ...]:
    """Templates of a brand's references `(id, photo)`; those that no other agrees with stand alone."""
    views = [_view(reference_id, photo) for reference_id, photo in references]
    groups = _groups(views[:MAX_PAIRED])
    for view in views[MAX_PAIRED:]:
        _join(view, groups)
    groups.sort(key=len, reverse=True)
    return tuple(_template(group) for group in groups[:MAX_TEMPLATES])


def mark_crops(
    templates: Sequence[Template], references: Sequence[tuple[str, Photo]]
) -> list[tuple[str, NDArray[np.uint8]]]:
    """The mark of each templated reference in its frame `(id, [S, S, 3])`, to embed beside the whole photo."""
    known = {reference_id for reference_id, _ in references}
    return [
        (reference_id, pixels)
        for template in templates
        for reference_id, pixels in zip(template.reference_ids, template.stack, strict=True)
        if reference_id in known
    ]


def _view(reference_id: str, photo: Photo) -> _View:
    pixels = photo.fit(WORKING_SIDE_PX).pixels
    return _View(reference_id, pixels, extract(pixels, MAX_FEATURES))


def _groups(views: Sequence[_View]) -> list[list[_Member]]:
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
        groups.append([_Member(views[i], to_anchor) for i, to_anchor in group][:MAX_STACK])
    return groups


def _links(views: Sequence[_View]) -> dict[tuple[int, int], Alignment]:
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


def _link_by_appearance(views: Sequence[_View], links: dict[tuple[int, int], Alignment]) -> None:
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
    def of(cls, view: _View, standing_out: NDArray[np.uint8]) -> "_Target":
        outline = _hull(standing_out)
        to_frame = _frame_of(outline)
        frame, _ = warp(view.pixels, to_frame)
        mark = np.asarray(cv2.warpPerspective(outline, to_frame, (FRAME_PX, FRAME_PX)), np.float32)
        return cls(to_frame, local_contrast(luminance(frame)), mark)

    def seen_in(self, query: _View) -> Alignment | None:
        """Alignment of a view whose mark is too simple for local features."""
        found = search(query.pixels, self.contrast, self.mark, LINK_AGREEMENT)
        if found is None or not alignment.plausible(found.homography, (FRAME_PX, FRAME_PX)):
            return None
        return Alignment(np.linalg.inv(self.to_frame) @ found.homography, MIN_LINK_INLIERS, 0, 0.0)


def _hull(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The convex hull of a mask `[H, W]`, filled."""
    filled = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(cv2.findNonZero(mask)), 1)
    return np.asarray(filled, np.float32)


def _spanning(
    views: Sequence[_View],
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


def _join(view: _View, groups: list[list[_Member]]) -> None:
    """Add a view to the group whose anchor it agrees with, or let it found one."""
    for group in groups:
        anchor = group[0].view
        link = alignment.align(alignment.match(view.features, anchor.features), anchor.px)
        if link is not None and link.inliers >= MIN_LINK_INLIERS:
            if len(group) < MAX_STACK:
                group.append(_Member(view, link.homography))
            return
    groups.append([_Member(view, np.eye(3))])


def _template(group: Sequence[_Member]) -> Template:
    mark = _mark_in_anchor(group)
    to_frame = _frame_of(mark)
    frame_mark = np.asarray(cv2.warpPerspective(mark, to_frame, (FRAME_PX, FRAME_PX)), np.float32)
    homographies, stack, valid = _registered(group, to_frame, frame_mark)
    ink = _ink(stack, frame_mark, group[0], to_frame)
    features = tuple(_on_mark(m.view.features.moved(h), frame_mark) for m, h in zip(group, homographies, strict=True))
    photo_px = np.array([m.view.px for m in group], np.int32)
    metric = pose.metric_of(np.asarray(np.linalg.inv(homographies), np.float64), photo_px, FRAME_PX)
    blank = np.zeros((FRAME_PX, FRAME_PX), np.float32)
    nothing = np.full((len(group), len(divergence.MEASURES)), np.nan, np.float32)
    ids = tuple(m.view.id for m in group)
    template = Template(ids, stack, valid, frame_mark, ink, features, homographies, photo_px, metric, blank, nothing)
    return _with_genuine(template, group)


def _mark_in_anchor(group: Sequence[_Member]) -> NDArray[np.float32]:
    """Where the mark is in the anchor's photo `[H, W]` 0..1: the hull of what references agree on."""
    anchor = group[0].view
    mask = np.zeros(anchor.pixels.shape[:2], np.uint8)
    if len(group) > 2:
        mask |= _consistent(group)
        _draw(mask, _agreeing_points(group))
    else:
        standing_out = foreground(anchor.pixels)
        if standing_out is not None:
            mask |= standing_out
        else:
            _draw(mask, _dense(anchor.features.points, anchor.px))
    if mask.any():
        mask = _hull(mask).astype(np.uint8)
    if mask.sum() < 400:
        mask[:] = 1
    grow = max(3, int(0.03 * np.sqrt(mask.sum()))) * 2 + 1
    return np.asarray(cv2.dilate(mask, np.ones((grow, grow), np.uint8)), np.float32)


def _draw(mask: NDArray[np.uint8], points: NDArray[np.float32]) -> None:
    """Fill the hull of points into a mask."""
    if len(points) >= 3:
        cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)


def _agreeing_points(group: Sequence[_Member]) -> NDArray[np.float32]:
    """Keypoints `[P, 2]` of the anchor's photo that another reference confirms."""
    anchor = group[0].view
    confirmed = []
    for member in group[1:]:
        matches = alignment.match(member.view.features, anchor.features)
        error = np.linalg.norm(project(member.to_anchor, matches.query) - matches.target, axis=1)
        confirmed.append(matches.target[error < 6.0])
    return _dense(np.concatenate(confirmed), anchor.px)


def _dense(points: NDArray[np.float32], px: tuple[float, float]) -> NDArray[np.float32]:
    """The points that have company: a lone one is chance."""
    if len(points) < 6:
        return points
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    company = np.flatnonzero((gaps < 0.08 * max(px)).sum(axis=1) >= 4)
    return np.asarray(points[company], np.float32)


def _consistent(group: Sequence[_Member]) -> NDArray[np.uint8]:
    """Where the local contrast of most references agrees with the anchor's `[H, W]` 0 or 1."""
    anchor = group[0].view
    h, w = anchor.pixels.shape[:2]
    base = local_contrast(luminance(anchor.pixels), 12.0)
    agreed = []
    for member in group[1:]:
        moved = cv2.warpPerspective(member.view.pixels, member.to_anchor, (w, h), borderMode=cv2.BORDER_REPLICATE)
        agreed.append(_local_correlation(base, local_contrast(luminance(np.asarray(moved, np.uint8)), 12.0)))
    texture = cv2.GaussianBlur(base * base, (0, 0), 6.0) > 0.15
    agree = (np.median(agreed, axis=0) > 0.45) & texture
    opened = cv2.morphologyEx(agree.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return np.asarray(opened, np.uint8)
    largest = stats[1:, cv2.CC_STAT_AREA].max()
    kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 0.05 * largest]
    return np.isin(labels, kept).astype(np.uint8)


def _local_correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    product = cv2.GaussianBlur(a * b, (0, 0), 6.0)
    power = cv2.GaussianBlur(a * a, (0, 0), 6.0) * cv2.GaussianBlur(b * b, (0, 0), 6.0)
    return np.asarray(product / np.sqrt(power + 1e-3), np.float32)


def _frame_of(mark: NDArray[np.float32]) -> NDArray[np.float64]:
    """Similarity `[3, 3]` that sets the mark's bounding square, with its margin, on the frame."""
    x, y, w, h = cv2.boundingRect((mark > 0.5).astype(np.uint8))
    side = max(w, h) * (1 + 2 * MARGIN)
    scale = FRAME_PX / side
    shift = [FRAME_PX / 2 - scale * (x + w / 2), FRAME_PX / 2 - scale * (y + h / 2)]
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])


def _registered(
    group: Sequence[_Member], to_frame: NDArray[np.float64], mark: NDArray[np.float32]
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


def _ink(
    stack: NDArray[np.uint8], mark: NDArray[np.float32], anchor: _Member, to_frame: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The part of the mark's outline `[S, S]` that is the mark: where references on several grounds keep one tone.

    With few references it is what stands out of the anchor's ground, or the whole outline.
    """
    if len(stack) >= MIN_FOR_INK:
        changing = _tone_deviation(stack, mark)
        ink = mark * np.clip((0.55 - changing) / 0.25, 0, 1)
    else:
        standing_out = foreground(anchor.view.pixels)
        if standing_out is None:
            return mark
        ink = mark * cv2.warpPerspective(standing_out.astype(np.float32), to_frame, (FRAME_PX, FRAME_PX))
    return np.asarray(ink if ink.sum() > 0.05 * mark.sum() else mark, np.float32)


def _tone_deviation(stack: NDArray[np.uint8], mark: NDArray[np.float32]) -> NDArray[np.float32]:
    """Deviation over references `[S, S]` of log light, each photo's exposure and cast taken out.

    These are read off the half of the mark that changes least, lest the ground be taken for the mark.
    """
    soft = np.stack([cv2.GaussianBlur(reference, (0, 0), 1.5) for reference in stack])
    logs = np.log((soft.astype(np.float32) / 255) ** 2.2 + 0.05)  # in the dark a sheen is not another tone
    raw = logs.std(axis=0).mean(axis=2)
    steady = (mark > 0.5) & (raw <= np.median(raw[mark > 0.5]))
    logs -= np.median(logs[:, steady], axis=1)[:, None, None, :]
    deviation = np.asarray(logs.std(axis=0).mean(axis=2), np.float32)
    return np.asarray(cv2.GaussianBlur(deviation, (0, 0), 1.5), np.float32)


def _on_mark(features: LocalFeatures, mark: NDArray[np.float32]) -> LocalFeatures:
    x, y = np.round(features.points).astype(int).T if len(features) else (np.zeros(0, int), np.zeros(0, int))
    inside = (x >= 0) & (y >= 0) & (x < FRAME_PX) & (y < FRAME_PX)
    on = inside.copy()
    on[inside] = mark[y[inside], x[inside]] > 0.5
    return features.take(np.flatnonzero(on))


def _with_genuine(template: Template, group: Sequence[_Member]) -> Template:
    """The template with what its references show when each is held against the others.

    What models say is left open: templates outlive a change of model.
    """
    if len(template) < 2:
        return template
    each = []
    for index, member in enumerate(group):
        others = template.without(index)
        found = locate(member.view.features, others)
        known = Alignment(template.homographies[index], found.inliers if found else 0, found.matched if found else 0, 0)
        sighting = sight(member.view.pixels, member.view.features, others, known)
        each.append(divergence.measure(sighting, others))
    spread = np.mean([measured.residual for measured in each], axis=0).astype(np.float32)
    genuine = np.stack([measured.measures for measured in each])
    genuine[:, [divergence.MEASURES.index(name) for name in LEARNED]] = np.nan
    return replace(template, spread=spread, genuine=genuine)
