"""The publisher: puts galleries into service. What does not change with them is opened once."""

import logging
from collections.abc import Callable, Sequence

from index.gallery import Gallery
from index.look_alikes import LookAlikes
from index.own_scores import fitting, require
from index.store import ScoreSet, Store
from serve.desk import Desk
from serve.galleries import Galleries
from serve.metrics import Metrics
from serve.snapshot import Baselines, Snapshot
from vision.inspection import Inspector

log = logging.getLogger("touchstone.serve")


class Publisher:
    """Makes the inspector over each gallery, and lays both on the desk. One thread publishes, any may amend."""

    def __init__(
        self,
        store: Store,
        inspector_over: Callable[[Gallery], Inspector],
        look_alikes: LookAlikes,
        galleries: Galleries,
        desk: Desk,
        metrics: Metrics,
    ) -> None:
        self.store, self.inspector_over, self.look_alikes = store, inspector_over, look_alikes
        self.galleries, self.desk, self.metrics = galleries, desk, metrics
        self.first: Inspector | None = None

    def publish(self, gallery: Gallery) -> None:
        """Serve this gallery from the next request on."""
        self.first = self.first or self.inspector_over(gallery)
        kept = self.store.scores()
        require(kept, self.first.recogniser.scorer.fingerprint)
        own, baselines = fitting(kept, gallery), self.baselines(gallery, kept)
        inspector = self.first.over(gallery).with_own(own).with_look_alikes(self.look_alikes.current())
        self.desk.publish(Snapshot(inspector, gallery, own, baselines), self.store.amendments)
        self.metrics.unreadable_references.set(len(gallery.unreadable))
        log.info("gallery %s, of store version %d, is in service", gallery.version, gallery.store_version)

    def baselines(self, gallery: Gallery, kept: Sequence[ScoreSet]) -> Baselines | None:
        """What the roll-outs over a gallery need beside it."""
        made = self.galleries.baselines(gallery)
        if made is None:
            return None
        return Baselines(made, made, fitting([each for each in kept if each.brand in made.brands], made))

    def amend(self) -> None:
        """Tell the desk, from the next request on, what changed since the gallery in service was built."""
        self.desk.amend(self.store.amendments)
