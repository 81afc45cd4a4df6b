"""The placer: where a photo aligns with candidate brands, at a first look and, where that is in vain, from nearer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vision.finding.inverted import NEAREST
from vision.finding.look import Look
from vision.finding.placing import Attempt, Place, attempts, best
from vision.finding.second_look import Closer, spots
from vision.finding.sought import guesses, seek
from vision.finding.votes import cast
from vision.geometry.codebook import Codewords, carried
from vision.geometry.features import LocalFeatures
from vision.photo import Photo
from vision.policy import Policy
from vision.sighting import find, locate
from vision.template import Template


@dataclass(frozen=True, eq=False)
class Placed:
    """What a look at the whole photo found."""

    aligned: tuple[Place, ...]  # one a brand, best aligned first
    attempts: tuple[Attempt, ...]  # all templates that were tried

    def and_then(self, other: "Placed") -> "Placed":
        """What was found, and what was found after it."""
        return Placed((*self.aligned, *other.aligned), (*self.attempts, *other.attempts))


@dataclass(frozen=True)
class Placer:
    """Aligns looks with the templates of brands, within a policy's bounds."""

    templates: Callable[[str], Sequence[Template]]  # of a brand
    votes: Callable[[Codewords], Mapping[str, float]]  # of codewords for brands, most first
    policy: Policy

    def first(self, look: Look, brands: Sequence[str]) -> Placed:
        """Where a look aligns with each brand."""
        made = [self._attempts(look, brand) for brand in brands]
        places = [place for tried in made if (place := best(tried)) is not None]
        aligned = sorted(places, key=lambda place: -place.alignment.inliers)
        return Placed(tuple(aligned), tuple(attempt for tried in made for attempt in tried))

    def voted(self, features: LocalFeatures, most: int) -> tuple[str, ...]:
        """The brands that most of some features speak for, of all there are."""
        if most < 1:
            return ()
        return tuple(self.votes(carried().words(features.descriptors, NEAREST)))[:most]

    def closer(self, photo: Photo, look: Look, most: int) -> Closer:
        """Looks at places of a photo from nearer, for `nearer` and `sought`; so many brands may be named at each."""
        voted = (lambda features: self.voted(features, most)) if most > 0 else None
        return Closer(photo, look, voted, self.policy.max_features)

    def nearer(
        self, closer: Closer, look: Look, placed: Placed, always: Sequence[str] = (), only: Sequence[str] = ()
    ) -> Iterator[tuple[Look, Place]]:
        """Second looks at what a first one found no mark in that is believed, where they align; the likeliest first.

        Each is taken when it is asked for. `always` are brands tried at every place, `only` the sole ones.
        """
        height, width = look.pixels.shape[:2]
        pointed = cast(placed.attempts, width, height)
        for spot in spots(look, pointed, self.policy.second_looks, self.policy.second_brands):
            near = closer.at(spot.region)
            brands = only or tuple(dict.fromkeys([*always, *spot.brands, *closer.voted_at(spot.region)]))
            for place in self.first(near, brands).aligned[: self.policy.compared_brands]:
                yield near, place

    def sought(
        self, closer: Closer, look: Look, always: Sequence[str] = (), only: Sequence[str] = ()
    ) -> Iterator[tuple[Look, Place]]:
        """Marks looked for by appearance at the places of a look, where they are found; the most alike first.

        Each is taken when it is asked for. `always` are brands tried at every place, `only` the sole ones.
        """
        if self.policy.sought < 1:
            return
        made = guesses(closer, look, self.templates, self.policy.sought_brands, always, only)
        yield from seek(made[: self.policy.sought], closer)

    def every(self, look: Look, brand: str) -> Place | None:
        """The best alignment with any template of a brand, by features or else by appearance, whatever it costs."""
        places = [_place(look, brand, template) for template in self.templates(brand)]
        return max((place for place in places if place), key=lambda place: place.alignment.inliers, default=None)

    def _attempts(self, look: Look, brand: str) -> list[Attempt]:
        return attempts(look.features, brand, self.templates(brand)[: self.policy.candidate_templates])


def _place(look: Look, brand: str, template: Template) -> Place | None:
    found = locate(look.features, template) or find(look.pixels, look.features, template)
    return Place(brand, template, found) if found else None
