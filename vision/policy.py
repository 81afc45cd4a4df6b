"""Policy: what an operator may set about a decision and its cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Rates, bounds and budgets of an inspection. Every bound caps cost, none grows with the gallery."""

    alpha: float = 0.01  # allowed share of genuine listings flagged
    max_regions: int = 6  # regions embedded a photo, the whole photo among them
    max_detections: int = 3  # of these regions, at most so many are the detector's, where the bundle has one
    neighbours: int = 24  # reference vectors retrieved a region
    candidate_brands: int = 8  # brands aligned with, nearest first
    voted_brands: int = 4  # aligned with where none of those is believed: those that most of its features speak for
    candidate_templates: int = 16  # templates tried a candidate brand, as far as a budget of features reaches
    compared_brands: int = 2  # aligned brands measured, best aligned first
    second_looks: int = 3  # places seen from nearer where the first look believes nothing; 0 for none
    second_brands: int = 3  # brands tried at each: those whose matches point at it, then the nearest
    voted_there: int = 3  # beside these, and beside the brands sought, so many that features there speak for
    sought_brands: int = 3  # brands compared by appearance at each detection, where nothing is believed from nearer
    sought: int = 3  # of these looked for in full, the most alike; 0 for none
    max_references: int = 3  # references of a template a photo is held against
    working_side_px: int = 640  # longer side at which local features are found
    max_features: int = 1000
    read_lettering: bool = True  # of flagged marks, where the extra `ocr` is installed
