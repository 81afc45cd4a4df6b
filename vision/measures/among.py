"""Among: how different genuine photographs of one mark look to the comparator: those of a template among themselves."""

import hashlib
from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from vision.measures.divergence import PairComparator, compared_among
from vision.template import Template

_KEPT = 4096  # templates, the last looked at: a few kB each

Measures = NDArray[np.float32]  # [N, M]


class Among:
    """Measures of templates' references among themselves, the comparator's included. Safe to share between threads.

    They are made at the first look, not stored: templates outlive a change of model. They are kept by what the
    comparator sees, so that a template which was dropped from memory and read anew is still known.
    """

    def __init__(self, comparator: PairComparator, max_references: int) -> None:
        self._comparator, self._max_references = comparator, max_references
        self._of: WeakKeyDictionary[Template, Measures] = WeakKeyDictionary()
        self._kept: OrderedDict[bytes, Measures] = OrderedDict()
        self._lock = Lock()

    def genuine(self, template: Template) -> Measures:
        """`template.genuine`, with the comparator's measures where they are not in it."""
        if len(template) < 2:
            return template.genuine
        known = self._of.get(template)
        if known is None:
            compared = self._compared(template)
            known = self._of[template] = np.where(np.isnan(compared), template.genuine, compared)
        return known

    def _compared(self, template: Template) -> Measures:
        seen = _digest(template)
        with self._lock:
            known = self._kept.get(seen)
        if known is None:
            known = compared_among(template, self._comparator, self._max_references)
        with self._lock:
            self._kept[seen] = known
            self._kept.move_to_end(seen)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return known


def _digest(template: Template) -> bytes:
    """Of what the comparator sees of a template."""
    digest = hashlib.blake2b(np.ascontiguousarray(template.stack).data, digest_size=16)
    digest.update(np.ascontiguousarray(template.ink).data)
    return digest.digest()
