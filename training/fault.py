"""Fault: which reason names the alteration that a forgery was given."""

from vision.verdict import ReasonCode

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
