"""Naming: which fault a flagged mark would have, after a closer look at it that only flagged marks get.

The scorer's network names faults from the measures that the score is made of. What is looked at here tells faults apart
and nothing else: what became of the mark's parts (`member`). Its word is added to the network's, so that score,
calibration and decision are the same with it and without.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vision.errors import BundleInvalid
from vision.faults import member
from vision.geometry.features import luminance
from vision.geometry.registration import soft_contrast
from vision.network import Network
from vision.recognition import Recognition

EVIDENCE = member.MEASURES


@dataclass(frozen=True, eq=False)
class Naming:
    """What the closer look says of faults."""

    network: Network  # EVIDENCE -> what is added to the logits of FAULTS

    @classmethod
    def load(cls, path: Path) -> "Naming":
        """From a bundle's file. Errors: `BundleInvalid`."""
        network = Network.of(json.loads(path.read_text("utf-8")))
        if len(network.centre) != len(EVIDENCE):
            raise BundleInvalid(
                f"the bundle's naming reads {len(network.centre)} values, this version makes {len(EVIDENCE)}: "
                "fit it anew with `python -m training.naming`"
            )
        return cls(network)

    def said(self, best: Recognition) -> NDArray[np.float64]:
        """What is added to the logits of FAULTS `[F]` of an aligned recognition."""
        return self.network.outputs(evidence(best))


def evidence(best: Recognition) -> NDArray[np.float64]:
    """The closer look at an aligned recognition `[E]`, in the order of EVIDENCE."""
    assert best.divergence is not None
    assert best.sighting is not None
    assert best.template is not None
    registered, template, found = best.sighting.registered, best.template, best.divergence
    contrast = soft_contrast(luminance(registered.pixels))
    parts = member.parts(template.stack, template.mark, template.ink)
    became = member.measure(found.heat, contrast, template.soft_contrast[found.nearest], parts)
    return np.array([became[name] for name in EVIDENCE], np.float64)
