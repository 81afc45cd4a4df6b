"""Fault: which reason names the alteration that a forgery was given."""

import numpy as np

from vision.verdict import FAULTS, ReasonCode

FAULT_OF_KIND = {
    "hue": ReasonCode.COLOUR_OFF,
    "stroke_weight": ReasonCode.STROKE_WEIGHT,
    "aspect": ReasonCode.SHAPE_DISTORTED,
    "mirrored": ReasonCode.MIRRORED,
    "part_missing": ReasonCode.PART_MISSING,
    "part_added": ReasonCode.PART_ADDED,
    "part_moved": ReasonCode.SHAPE_DISTORTED,
    "warped": ReasonCode.SHAPE_DISTORTED,
    "coarse_detail": ReasonCode.LOW_DETAIL,
    "lettering": ReasonCode.LETTERING_DIFFERS,
}

# Of FAULTS: one over how many kinds of alteration each names, so that the commonest name is not the safest guess.
RARITY = tuple(1 / list(FAULT_OF_KIND.values()).count(fault) for fault in FAULTS)

# Of FAULTS, log odds: three tenths of the way to how common each is. Two are named, so that leaning all the way makes
# the commonest the second name of everything: rehearsed mirrored marks were named in 66% at three quarters, now in 72%.
LEAN = 0.3 * np.log([list(FAULT_OF_KIND.values()).count(fault) for fault in FAULTS])
