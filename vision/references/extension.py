"""Extension: references join an enrolled brand, at the cost of what they change; the result is that of `enrol`."""

from collections.abc import Callable, Sequence

import numpy as np

from vision.photo import Photo
from vision.references.enrolment import (
    MAX_PAIRED,
    MAX_TEMPLATES,
    Enrolled,
    Group,
    template_of,
    view_of,
)
from vision.references.grouping import MAX_STACK, home_of
from vision.references.view import Member, View
from vision.template import Template

LEAST = MAX_PAIRED  # references before: among fewer one more would be paired with all, and may change every group


def extend(before: Enrolled, more: Sequence[tuple[str, Photo]], photo_of: Callable[[str], Photo]) -> Enrolled:
    """What `enrol` makes of the references before, `LEAST` or more, and these `(id, photo)` after them.

    `photo_of` gives a photo before at working size; asked for are anchors, and all of groups that gain a reference.
    """
    growing = _Growing(before, photo_of)
    for reference_id, photo in more:
        growing.take(view_of(reference_id, photo))
    return growing.enrolled()


class _Growing:
    def __init__(self, before: Enrolled, photo_of: Callable[[str], Photo]) -> None:
        self._groups, self._photo_of = list(before.groups), photo_of
        self._known = {template.reference_ids[0]: template for template in before.templates}  # by anchor
        self._views: dict[str, View] = {}
        self._changed: set[str] = set()  # groups, by anchor

    def take(self, view: View) -> None:
        """Let a view join the first group that it fits, if there is room, or found one."""
        self._views[view.id] = view
        home = home_of(view, (self._view(group.ids[0]) for group in self._groups))
        if home is None:
            self._groups.append(Group((view.id,), np.eye(3)[None]))
            return
        place, to_anchor = home
        group = self._groups[place]
        if len(group.ids) < MAX_STACK:
            self._groups[place] = Group((*group.ids, view.id), np.concatenate([group.to_anchor, to_anchor[None]]))
            self._changed.add(group.ids[0])

    def enrolled(self) -> Enrolled:
        """Templates of the largest groups: those before, where they are as they were."""
        largest = sorted(self._groups, key=lambda group: len(group.ids), reverse=True)[:MAX_TEMPLATES]
        return Enrolled(tuple(self._template(group) for group in largest), tuple(self._groups))

    def _template(self, group: Group) -> Template:
        anchor = group.ids[0]
        if anchor in self._known and anchor not in self._changed:
            return self._known[anchor]
        members = zip(group.ids, group.to_anchor, strict=True)
        return template_of([Member(self._view(reference_id), to_anchor) for reference_id, to_anchor in members])

    def _view(self, reference_id: str) -> View:
        if reference_id not in self._views:
            self._views[reference_id] = view_of(reference_id, self._photo_of(reference_id))
        return self._views[reference_id]
