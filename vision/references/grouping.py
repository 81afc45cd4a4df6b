"""Grouping: which of a brand's references show one mark, and how each lies to the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.geometry import alignment
from vision.geometry.alignment import Alignment
from vision.geometry.foreground import foreground
from vision.geometry.registration import FRAME_PX, framed_contrast, warp
from vision.geometry.search import search
from vision.references.framing import frame_of
from vision.references.outline import hull
from vision.references.view import Member, View

MIN_LINK_INLIERS = 8
FEW_FEATURES = 220  # a reference with more is left to its local features
LINK_AGREEMENT = 0.72  # correlation at which two references show one mark
MAX_STACK = 16  # references kept a group: more say little new and cost at every inspection


def groups_of(views: Sequence[View]) -> list[list[Member]]:
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
        to_frame = frame_of(outline)
        frame, _ = warp(view.pixels, to_frame)
        mark = np.asarray(cv2.warpPerspective(outline, to_frame, (FRAME_PX, FRAME_PX)), np.float32)
        return cls(to_frame, framed_contrast(frame), mark)

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


def join(view: View, groups: list[list[Member]]) -> None:
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
