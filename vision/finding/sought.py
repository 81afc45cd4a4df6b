"""Sought: marks looked for by their appearance, at the places that something pointed at.

A bold mark has too few local features to align, however near it is seen. But where to look is known, so that it can be
compared in every turn (`vision/geometry/scan`) with a few templates: those that lie near by their vectors, and those
of the brands that its few features speak for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vision.finding.look import Look
from vision.finding.placing import Place
from vision.finding.second_look import Closer
from vision.geometry.polish import Window, polish
from vision.geometry.registration import Registered
from vision.geometry.scan import Patches, Start, scan
from vision.geometry.search import refined
from vision.photo import Photo
from vision.regions.region import Region, in_px
from vision.sighting import counted
from vision.template import Template

LEAST_LIKENESS = 0.45  # of a polished guess that is worth refining
COMPARED = 8  # templates of a brand
POLISHED = 4  # starts of a brand at a place, of whichever of its templates
RIVAL = 0.9  # of the best start's likeness, from which another of the guess is tried beside it

Templates = Callable[[str], Sequence[Template]]  # of a brand


@dataclass(frozen=True, eq=False)
class Guess:
    """A template that may lie at a place, and how."""

    region: Region
    brand: str
    template: Template
    starts: Sequence[Start]  # most alike first

    @property
    def likeness(self) -> float:
        """Of the best start, -1..1."""
        return self.starts[0].likeness

    def placed(self, photo: Photo) -> Registered | None:
        """The template where it lies, if it does."""
        for start in self.starts:
            if start.likeness < RIVAL * self.likeness:
                break
            found = refined(photo.pixels, [start.homography], self.template.contrast[0], self.template.mark)
            if found is not None:
                return found
        return None


def seek(made: Sequence[Guess], closer: Closer) -> Iterator[tuple[Look, Place]]:
    """The guesses that hold, each seen from nearer, where its features are counted. Taken when it is asked for."""
    for guess in made:
        found = guess.placed(closer.photo)
        if found is None:
            continue
        near = closer.at(guess.region)
        alignment = counted(found, near.features, guess.template)
        if alignment is not None:
            yield near, Place(guess.brand, guess.template, alignment)


def guesses(
    closer: Closer, look: Look, templates: Templates, most_brands: int, always: Sequence[str], only: Sequence[str]
) -> list[Guess]:
    """What may lie at the places that the detector found, else in the whole photo; the most alike first.

    At each place a few brands are tried, those that it lies nearest to, those that features there speak for and
    `always`, or `only` some: of each brand the template that looks most alike.
    """
    made = []
    for index in [i for i, one in enumerate(look.regions) if one.source == "detector"] or [0]:
        region = look.regions[index]
        place = in_px(region.box, closer.photo)
        patches, window = Patches.of(closer.photo.pixels, place), Window.of(closer.photo.pixels, place)
        near = list(dict.fromkeys([*look.brands_at(index), *look.distances]))[:most_brands]
        for brand in only or dict.fromkeys([*always, *near, *closer.voted_at(region)]):
            guess = _guess(region, brand, _compared(look, index, brand, templates(brand)), patches, window)
            if guess is not None and guess.likeness >= LEAST_LIKENESS:
                made.append(guess)
    return sorted(made, key=lambda guess: -guess.likeness)


def _guess(region: Region, brand: str, templates: Sequence[Template], patches: Patches, window: Window) -> Guess | None:
    """How the template of a brand that looks most alike may lie at a place; None where all its templates are off.

    Coarse starts are compared with each other only after each is moved to where it agrees best.
    """
    rough = [(start, t) for t in templates for start in scan(patches, t.contrast[0] * t.mark)]
    rough = sorted(rough, key=lambda made: -made[0].likeness)[:POLISHED]
    ranked = sorted(((polish(window, t.goal, start), t) for start, t in rough), key=lambda made: -made[0].likeness)
    if not ranked:
        return None
    best = ranked[0][1]
    return Guess(region, brand, best, [start for start, template in ranked if template is best])


def _compared(look: Look, index: int, brand: str, templates: Sequence[Template]) -> list[Template]:
    """A brand's largest templates, and beside them the one with the reference that a region lies nearest to."""
    largest = list(templates[:COMPARED])
    for reference in look.near.reference[index][look.near.brand[index] == brand]:
        for template in templates:
            if reference in template.reference_ids:
                return largest if any(template is one for one in largest) else [*largest, template]
    return largest
