"""The rescanner: one thread that looks at kept listings again when a gallery has what changed."""

import logging
import threading
from collections.abc import Callable
from uuid import uuid4

from index.store import Rescan, Store
from index.store.kept_listings import Decided, KeptListing
from serve.desk import Desk, Inspected, read
from serve.failures import tell
from serve.form import UploadedFile
from serve.listing import Listing, judged_by, respond
from serve.metrics import Metrics
from serve.schemas.inspections import InspectionResponse
from serve.snapshot import Snapshot
from serve.workers import Workers
from vision.errors import BlobDamaged, GalleryDamaged, NotReady

log = logging.getLogger("touchstone.serve")

STOP_PATIENCE_S = 20.0
RETRY_S = 5.0
TAKEN_TOGETHER = 50  # listings asked for at once


class Rescanner:
    """Every listing is one step, durable when it is done. It takes its turn among inspections, one at a time."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        inspections: Workers,
        metrics: Metrics,
        poll_s: float,
        distrust: Callable[[], None],
    ) -> None:
        self.store, self.desk, self.inspections, self.metrics = store, desk, inspections, metrics
        self.poll_s, self.distrust = poll_s, distrust
        self.name = uuid4().hex
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.work, name="rescans", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def stop(self) -> None:
        """End after the listing under way; what is undone is done at the next start."""
        self.stopping.set()
        self.thread.join(STOP_PATIENCE_S)

    def work(self) -> None:
        """Look again at whatever has changed, until stopped."""
        while not self.stopping.is_set():
            try:
                self.stopping.wait(0 if self.do_one() else self.poll_s)
            except NotReady:
                self.stopping.wait(self.poll_s)
            except Exception as fault:  # it stays claimed for a while, then is tried again
                if isinstance(fault, GalleryDamaged):
                    self.distrust()
                tell(logging.ERROR, "a rescan stopped, and is tried again", fault)
                self.stopping.wait(RETRY_S)

    def do_one(self) -> bool:
        """Do a rescan whose change is searchable, or leave it when told to stop; whether there was one."""
        rescan = self.store.rescans.claim(self.name, self.desk.current().gallery.store_version)
        if rescan is None:
            return False
        while some := self.store.kept_listings.left_for(rescan, TAKEN_TOGETHER):
            for listing in some:
                if self.stopping.is_set():
                    self.store.rescans.release(self.name)
                    return True
                self.look_again(rescan, listing)
        self.store.rescans.finish(rescan)
        return True

    def look_again(self, rescan: Rescan, kept: KeptListing) -> None:
        """Inspect a listing by what is in service, and put what is decided otherwise beside what was answered."""
        snapshot = self.desk.current()
        answer = self.inspections.turn(lambda: self.answer(kept, snapshot))
        found = decided(kept, answer, snapshot.gallery.store_version)
        changed = (found.decision, found.brand) != (kept.standing.decision, kept.standing.brand)
        revision = answer.model_dump_json() if changed and answer is not None else None
        revised = self.store.rescans.looked(rescan, self.name, kept, found, revision)
        self.metrics.rescanned.labels("unreadable" if answer is None else "revised" if revised else "unchanged").inc()

    def answer(self, kept: KeptListing, snapshot: Snapshot) -> InspectionResponse | None:
        """What the listing is answered now, in the words of its first answer; None where no photo can be read."""
        first = InspectionResponse.model_validate_json(kept.verdict)
        try:
            files = [UploadedFile(each.name, each.data) for each in self.store.kept_listings.photos(kept.inspection)]
        except BlobDamaged as fault:
            log.warning("inspection %s cannot be looked at again: %s", kept.inspection, fault)
            return None
        listing = Listing(tuple(files), first.claimed_brand, first.unbranded, first.listing_id, first.seller_id)
        readable = read(files, self.desk.limits)
        if not readable.photos:
            return None
        inspector = snapshot.inspector_of(searched(kept, self.store), listing.listing_id)
        verdict = inspector.inspect(readable.photos, listing.claimed_brand, listing.unbranded)
        inspected = Inspected(verdict, readable, None, snapshot)
        answer = respond(listing, inspected, judged_by(listing, inspected, self.store))
        return answer.model_copy(update={"id": kept.inspection})


def searched(kept: KeptListing, store: Store) -> frozenset[str] | None:
    """The brands that a listing is held against, as at first: all, or its organisation's of now."""
    if kept.every_brand:
        return None
    theirs = (brand.id for brand in store.brands() if brand.organisation == kept.organisation)
    return frozenset(brand for brand in theirs if kept.within in (None, brand))


def decided(kept: KeptListing, answer: InspectionResponse | None, version: int) -> Decided:
    """What stands of a listing from here on; what stood where it cannot be read."""
    if answer is None:
        return Decided(kept.standing.decision, kept.standing.brand, version)
    return Decided(answer.decision.value, answer.brand, version)
