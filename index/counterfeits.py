"""Confirmed counterfeits: photos of listings that a person found to be counterfeit, refused as references."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.look import Look
from index.reference_set import Upload, nearest
from index.store import Store
from vision.errors import ConfirmedCounterfeit


def known(store: Store, brand: str) -> NDArray[np.uint64]:
    """Fingerprints `[N]` of the photos of a brand's confirmed counterfeits.

    Less those that look like a reference in its set: who sells counterfeits shows the brand's own photographs.
    """
    found = store.reviews.counterfeits(brand)
    if not len(found):
        return found
    genuine = np.array([each.fingerprint for each in store.references(brand)], np.uint64)
    return np.array([each for each in found if nearest(genuine, int(each)) is None], np.uint64)


def refuse(look: Look, counterfeits: NDArray[np.uint64]) -> None:
    """Refuse a photo that is the same again as one of a listing confirmed to be counterfeit."""
    if nearest(counterfeits, look.fingerprint) is not None:
        raise ConfirmedCounterfeit(
            "the photo looks like one of a listing that was confirmed to be counterfeit; send your own photographs, or "
            "correct the review"
        )


def sifted(uploads: Sequence[Upload], counterfeits: NDArray[np.uint64]) -> list[Upload]:
    """The uploads, with their fault those that are refused as counterfeits."""
    return [_sifted(upload, counterfeits) for upload in uploads]


def _sifted(upload: Upload, counterfeits: NDArray[np.uint64]) -> Upload:
    try:
        if upload.look is not None:
            refuse(upload.look, counterfeits)
    except ConfirmedCounterfeit as fault:
        return replace(upload, look=None, fault=fault)
    return upload
