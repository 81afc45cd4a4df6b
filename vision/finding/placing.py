"""Placing: where a photo's local features align with the templates of a brand, within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass

from vision.geometry.alignment import Alignment, Matches
from vision.geometry.features import LocalFeatures
from vision.sighting import align_with, matched
from vision.template import Template

MAX_BRAND_FEATURES = 7200  # of a brand's templates that one photo is matched with, the largest templates' first


@dataclass(frozen=True, eq=False)
class Place:
    """Where a photo aligns with a template of a brand."""

    brand: str
    template: Template
    alignment: Alignment


@dataclass(frozen=True, eq=False)
class Attempt:
    """A template that a photo was matched with, and the correspondences found, whether they align or not."""

    brand: str
    template: Template
    matches: Matches


def attempts(features: LocalFeatures, brand: str, templates: Sequence[Template]) -> list[Attempt]:
    """A photo's features matched with those of a brand's templates each, as far as the budget reaches."""
    made, left = [], MAX_BRAND_FEATURES
    for template in templates:
        if left > 0:
            made.append(Attempt(brand, template, matched(features, template)))
        left -= sum(map(len, template.features))
    return made


def best(made: Sequence[Attempt]) -> Place | None:
    """The best aligned of some attempts; None where none is. Of equals the first."""
    found = ((attempt, align_with(attempt.matches, attempt.template)) for attempt in made)
    places = [Place(attempt.brand, attempt.template, aligned) for attempt, aligned in found if aligned is not None]
    return max(places, key=lambda place: place.alignment.inliers, default=None)
