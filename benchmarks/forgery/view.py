"""View: what of a photograph a memory bank gets to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.forgery.photo_set import PhotoSet
from benchmarks.forgery.readings import Crop, Ours, Reading, picture_of


class View(Protocol):
    """Pictures of a brand's references and of a listing, in like terms."""

    @property
    def words(self) -> str:
        """Its name."""
        ...

    @property
    def about(self) -> str:
        """What is seen."""
        ...

    def genuine(self, brand: str) -> Sequence[Crop]:
        """The brand's references."""
        ...

    def listing(self, reading: Reading) -> Crop:
        """A listing."""
        ...


@dataclass(frozen=True, eq=False)
class WholePhotos:
    """Photographs as they are."""

    photo_set: PhotoSet
    words: str = "whole photo"
    about: str = "all patches of the photo, against those of the reference photos"

    def genuine(self, brand: str) -> Sequence[Crop]:
        """The reference photos."""
        return [whole(path) for path in self.photo_set.references[brand]]

    def listing(self, reading: Reading) -> Crop:
        """The photo."""
        return whole(reading.listing.file)


@dataclass(frozen=True, eq=False)
class AlignedMarks:
    """Marks in the frame that our alignment brings them to; without an alignment the whole photo stands in."""

    ours: Ours
    words: str = "aligned mark"
    about: str = "patches on the mark, in the frame our alignment brings it to"

    def genuine(self, brand: str) -> Sequence[Crop]:
        """The references of the brand's templates."""
        return self.ours.enrolled[brand]

    def listing(self, reading: Reading) -> Crop:
        """The mark that was aligned."""
        return reading.crop or whole(reading.listing.file)


def whole(file: Path) -> Crop:
    """All of a photograph that could be read before: ours read the listings, enrolment the references."""
    picture = picture_of(file)
    assert picture is not None, file
    return Crop(picture, None)
