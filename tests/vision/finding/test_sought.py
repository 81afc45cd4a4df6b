"""Sought: a bold mark is found by its appearance at the place a detector points at, in any turn, within bounds."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.fakes import ColourEmbedder, recognised
from tests.vision.finding.test_second_look import Finds, clutter, look_of
from tests.vision.geometry.test_search import drawn, tee
from vision.finding import sought
from vision.finding.look import Look
from vision.finding.neighbours import Neighbours
from vision.finding.second_look import Closer
from vision.finding.sought import Guess
from vision.geometry.codebook import Codewords
from vision.photo import Photo
from vision.policy import Policy
from vision.references import enrolment
from vision.regions.region import Box, Region
from vision.template import Template


def ring() -> NDArray[np.uint8]:
    frame = np.full((224, 224, 3), 235, np.uint8)
    cv2.rectangle(frame, (50, 60), (180, 160), (120, 30, 120), 24)
    return frame


MARKS: dict[str, list[NDArray[np.uint8]]] = {"bold": [drawn()], "tee": [ring(), tee()]}


class Two:
    """Brands of bold marks, of one reference each."""

    version = "v1"
    brands = tuple(MARKS)

    def __init__(self) -> None:
        self._named = [(brand, f"{brand}-{i}", mark) for brand, marks in MARKS.items() for i, mark in enumerate(marks)]
        self._templates = {brand: tuple(self._made(brand)) for brand in MARKS}

    def _made(self, of: str) -> Iterator[Template]:
        for brand, name, mark in self._named:
            if brand == of:
                yield enrolment.build([(name, Photo(np.ascontiguousarray(mark), "0" * 64, "png"))])[0]

    def templates(self, brand: str) -> tuple[Template, ...]:
        return self._templates[brand]

    def votes(self, asked: Codewords) -> dict[str, float]:
        return {}

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        among = [(b, name, mark) for b, name, mark in self._named if brand in (None, b)]
        distance = 1 - queries @ ColourEmbedder().embed([mark for _, _, mark in among]).T
        order = np.argsort(distance, axis=1)[:, :k]
        brands, names = (np.array([one[i] for one in among], object)[order] for i in (0, 1))
        return Neighbours(np.take_along_axis(distance, order, axis=1), names, brands)


@pytest.fixture(scope="module")
def references() -> Two:
    return Two()


def scene(mark: NDArray[np.uint8], degrees: float, side_px: int = 90) -> tuple[Photo, Box]:
    """A card that bears a mark, turned, in clutter; and where the mark is."""
    ground = clutter()
    c, s = side_px / 224 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    turn = np.array([[c, -s], [s, c]])
    to_photo = np.column_stack([turn, [380, 240] - turn @ [112, 112]])
    moved = cv2.warpAffine(mark, to_photo, (640, 480), flags=cv2.INTER_AREA)
    inside = cv2.warpAffine(np.full((224, 224), 255, np.uint8), to_photo, (640, 480))
    pixels = np.asarray(np.where(inside[..., None] > 128, moved, ground), np.uint8)
    ink = cv2.warpAffine((mark.min(axis=2) < 200).astype(np.uint8), to_photo, (640, 480))
    x, y, w, h = cv2.boundingRect(ink)
    return Photo(pixels, "0" * 64, "png"), (x / 640, y / 480, (x + w) / 640, (y + h) / 480)


def unasked(photo: Photo, look: Look) -> Closer:
    """Looks from nearer whose features are not asked what they speak for."""
    return Closer(photo, look, lambda features: (), 1000)


def guessed(photo: Photo, look: Look, references: Two) -> list[Guess]:
    return sought.guesses(unasked(photo, look), look, references.templates, 3, [], [])


@pytest.mark.parametrize("degrees", [75.0, 180.0, 120.0])
def test_a_bold_mark_is_found_in_any_turn_where_a_detector_points(references: Two, degrees: float) -> None:
    photo, box = scene(drawn(), degrees)
    assert recognised(references, photo, Policy(sought=0), Finds(box)) == []
    (found,) = recognised(references, photo, Policy(), Finds(box))
    assert found.brand == "bold"
    assert found.look.spot is not None
    assert found.look.spot.source == "detector"


def test_where_no_detector_points_the_whole_photo_is_the_place(references: Two) -> None:
    photo, (x0, y0, x1, y1) = scene(drawn(), 180.0, 200)
    close = photo.pixels[int(y0 * 480) - 10 : int(y1 * 480) + 10, int(x0 * 640) - 10 : int(x1 * 640) + 10]
    (found,) = recognised(references, Photo(np.ascontiguousarray(close), "0" * 64, "png"), Policy())
    assert (found.brand, found.look.spot and found.look.spot.source) == ("bold", "whole")


def test_of_a_brands_marks_the_one_that_looks_most_alike_is_tried(references: Two) -> None:
    photo, box = scene(tee(), 170.0)
    look = look_of([Region(box, "detector", 0.9)], [["tee"]])
    (guess,) = guessed(photo, look, references)
    assert guess.template.reference_ids == ("tee-1",)


def test_of_a_brand_of_many_marks_the_one_that_the_place_lies_nearest_to_is_among_them(
    references: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sought, "COMPARED", 1)
    photo, box = scene(tee(), 170.0)
    look = look_of([Region(box, "detector", 0.9)], [["tee"]])
    (first,) = guessed(photo, look, references)
    look.near.reference[0, 0] = "tee-1"
    (near,) = guessed(photo, look, references)
    assert (first.template.reference_ids, near.template.reference_ids) == (("tee-0",), ("tee-1",))


def test_a_brand_whose_templates_are_all_off_is_passed_over() -> None:
    photo, box = scene(tee(), 170.0)
    look = look_of([Region(box, "detector", 0.9)], [["tee"]])
    assert sought.guesses(unasked(photo, look), look, lambda brand: (), 3, [], []) == []


def test_nothing_is_found_in_clutter(references: Two) -> None:
    photo = Photo(clutter(), "0" * 64, "png")
    assert recognised(references, photo, Policy(), Finds((0.4, 0.4, 0.6, 0.6))) == []


@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_more_is_looked_for_in_full_than_policy_allows(
    references: Two, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    looked_for: list[str] = []
    monkeypatch.setattr(sought.Guess, "placed", lambda guess, photo: looked_for.append(guess.brand))
    monkeypatch.setattr(sought, "LEAST_LIKENESS", -1.0)
    photo, box = scene(drawn(), 120.0)
    assert recognised(references, photo, Policy(sought=most), Finds(box)) == []
    assert len(looked_for) == most
