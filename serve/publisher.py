"""The publisher: puts galleries into service. What does not change with them is opened once."""

import logging
from collections.abc import Callable

from index.gallery import Gallery
from index.look_alikes import LookAlikes
from index.own_scores import calibrated
from index.store import Store
from serve.desk import Desk, Snapshot
from serve.metrics import Metrics
from vision.inspection import Inspector

log = logging.getLogger("touchstone.serve")


class Publisher:
    """Makes the inspector over each gallery, and lays both on the desk. One thread publishes, any may hide."""

    def __init__(
        self,
        store: Store,
        inspector_over: Callable[[Gallery], Inspector],
        look_alikes: LookAlikes,
        desk: Desk,
        metrics: Metrics,
    ) -> None:
        self.store, self.inspector_over, self.look_alikes = store, inspector_over, look_alikes
        self.desk, self.metrics = desk, metrics
        self.first: Inspector | None = None

    def publish(self, gallery: Gallery) -> None:
        """Serve this gallery from the next request on."""
        self.first = self.first or self.inspector_over(gallery)
        inspector = calibrated(self.first.over(gallery), self.store, gallery)
        inspector = inspector.with_look_alikes(self.look_alikes.current())
        self.desk.publish(Snapshot(inspector, gallery), self.store.switches.gone_since)
        self.metrics.unreadable_references.set(len(gallery.unreadable))
        log.info("gallery %s, of store version %d, is in service", gallery.version, gallery.store_version)

    def hide(self) -> None:
        """Match no more, from the next request on, what left its set since the gallery in service was built."""
        self.desk.hide(self.store.switches.gone_since)
