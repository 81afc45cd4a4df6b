"""Keeps what was sent of a listing, for as long as the settings say, so that it can be looked at again."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from index.store import Store
from index.store.kept_listings import Decided, KeptPhoto
from serve.desk import Inspected
from serve.form import UploadedFile
from serve.schemas.inspections import InspectionResponse
from serve.settings import Settings
from vision.errors import TouchstoneError

log = logging.getLogger("touchstone.serve")


def keep(
    files: Sequence[UploadedFile],
    inspected: Inspected,
    response: InspectionResponse,
    every_brand: bool,
    store: Store,
    settings: Settings,
) -> None:
    """Keep the photos of an inspection on record, if any are to be. A failure is told in the log: the answer stands."""
    if settings.keep_listings_days == 0:
        return
    photos = [KeptPhoto(files[place].name, files[place].data) for place in inspected.readable.places]
    claimed = [] if response.claimed_brand is None else [response.claimed_brand]
    decided = Decided(response.decision.value, response.brand, inspected.by.gallery.store_version)
    try:
        gone = store.kept_listings.keep(
            response.id,
            photos,
            [*inspected.verdict.considered, *claimed],
            decided,
            every_brand,
            timedelta(days=settings.keep_listings_days),
            settings.keep_listings_bytes,
        )
    except TouchstoneError as fault:
        log.warning("the photos of inspection %s are not kept for rescans: %s", response.id, fault)
        return
    if gone:
        log.info(
            "%d listings are forgotten before keep_listings_days (%g), since their organisation's reached "
            "keep_listings_bytes (%d): raise it to keep them longer",
            gone,
            settings.keep_listings_days,
            settings.keep_listings_bytes,
        )
