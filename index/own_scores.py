"""Own scores: the genuine scores that the store keeps of brands, put to use by the inspector that they fit."""

import logging
from collections.abc import Sequence

from index.gallery import Gallery
from index.store import Place, ScoreSet, Store
from vision.calibration import GenuineScores
from vision.errors import ConfigurationError, FingerprintMismatch
from vision.inspection import Inspector

_LOG = logging.getLogger(__name__)


def calibrated(inspector: Inspector, store: Store, gallery: Gallery) -> Inspector:
    """The inspector with the brands' own scores; `FingerprintMismatch` where another scorer made any."""
    kept = store.scores()
    require(kept, inspector.recogniser.scorer.fingerprint)
    return inspector.with_own(fitting(kept, gallery)) if kept else inspector


def calibrated_by(inspector: Inspector, place: Place, gallery: Gallery) -> Inspector:
    """The inspector with the own scores that another store keeps of brands with the very same references."""
    if not place.data_dir.is_dir():
        raise ConfigurationError(
            f"{place.data_dir} is no data folder; name one that `touchstone calibrate` has worked in"
        )
    store = Store.at(place)
    try:
        return calibrated(inspector, store, gallery)
    finally:
        store.close()


def require(kept: Sequence[ScoreSet], scorer: str) -> None:
    """Refuse scores that another scorer made: they are of another scale. Errors: `FingerprintMismatch`."""
    others = [each for each in kept if each.scorer != scorer]
    if others:
        brands = sorted({each.brand for each in others})
        shown = ", ".join(brands[:5]) + (f" and {len(brands) - 5} more" if len(brands) > 5 else "")
        raise FingerprintMismatch(
            f"the own scores of {shown} were made by scorer {others[0].scorer}, the bundle's is {scorer}: run "
            "`touchstone calibrate` for them again, or drop them with `touchstone calibrate --forget`"
        )


def fitting(kept: Sequence[ScoreSet], gallery: Gallery) -> dict[str, list[GenuineScores]]:
    """Scores by brand, less those made against other references than the gallery's: a brand's set has changed since."""
    found: dict[str, list[GenuineScores]] = {}
    for each in kept:
        if fits(each, gallery):
            found.setdefault(each.brand, []).append(GenuineScores.of(each.source, list(each.scores)))
        else:
            _LOG.warning(
                "the references of brand %r have changed since its %s scores were made, which are left aside; "
                "run `touchstone calibrate` for it again",
                each.brand,
                each.source,
            )
    return found


def fits(scores: ScoreSet, gallery: Gallery) -> bool:
    """Whether they were made against the references that the gallery holds."""
    return scores.brand in gallery.brands and gallery.made_from(scores.brand) == scores.made_from
