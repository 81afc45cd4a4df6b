"""Barred: the altered listings that a bar is set for, and those that the camera itself explains, reported apart.

One photograph of a flat mark taken with an unknown lens does not tell a mark squeezed by a tenth from the same mark
turned away by 25 degrees. An `aspect` that some pose of its shooting condition reaches is therefore no fault of the
reader's. `hue` stays barred throughout: a light changes all inks together, and few alterations do.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery.figures import Figures, Labelled, figures_of
from benchmarks.forgery.row import Row
from training.listing import Listing
from training.synthesis.forgery.outline import SQUEEZE
from vision.camera import PRESETS

EXPLAINED = "aspect that a pose explains"


def by_bar(row: Row, labelled: Labelled) -> Mapping[str, Figures]:
    """Figures of what is barred, then of each kind from severity 2 on, then of what a pose explains."""
    explained = np.array([explained_by_pose(one) for one in labelled.listings], np.bool_)
    barred = labelled.forged & ~explained
    clear = barred & ~labelled.where("severity", "1")
    parts: dict[str, NDArray[np.bool_]] = {
        "barred": barred,
        "barred, severity 2 and 3": clear,
        **{
            f"{kind}, severity 2 and 3": clear & labelled.where("alteration", kind)
            for kind in labelled.values("alteration")
        },
        EXPLAINED: explained,
    }
    return {name: figures_of(row, labelled, part) for name, part in parts.items() if part.any()}


def explained_by_pose(listing: Listing) -> bool:
    """Whether the listing's design is altered in its aspect only, and no further than its condition's poses reach."""
    if listing.slices.get("alteration") != "aspect":
        return False
    conditions = PRESETS[listing.slices["condition"]]
    foreshortened = np.cos(np.deg2rad(max(conditions.max_yaw_deg, conditions.max_pitch_deg)))
    return bool(1 / (1 + SQUEEZE[int(listing.slices["severity"])]) >= foreshortened)
