"""How references look to the comparator among themselves: asked once, also of a template that is read anew."""

import numpy as np
from numpy.typing import NDArray

from tests.vision.scenes import template_of
from vision.measures.among import Among
from vision.measures.comparator import Comparison
from vision.measures.divergence import COMPARED, MEASURES
from vision.template import Template
from vision.verdict import FAULTS

ACME, BOLT = 9_000_001, 9_000_008
LOGIT = MEASURES.index(COMPARED[0])


class Counting:
    """Answers how bright the photo is, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def compare(self, photo: NDArray[np.uint8], references: NDArray[np.uint8], ink: NDArray[np.float32]) -> Comparison:
        self.asked += 1
        bright = float(photo.mean() + references.mean())
        return Comparison(bright, bright, np.zeros(ink.shape, np.float32), np.zeros(len(FAULTS), np.float32))


def read_anew(template: Template) -> Template:
    return Template.from_arrays(template.to_arrays())


def test_the_comparators_measures_stand_beside_the_others() -> None:
    template = template_of(ACME)
    found = Among(Counting(), 3).genuine(template)
    np.testing.assert_array_equal(found[:, 0], template.genuine[:, 0])
    assert found[0, LOGIT] == np.float32(template.stack[0].mean() + template.stack[1:].mean())


def test_a_template_that_is_read_anew_is_known() -> None:
    comparator = Counting()
    among = Among(comparator, 3)
    first = among.genuine(read_anew(template_of(ACME)))
    assert comparator.asked == len(template_of(ACME))
    np.testing.assert_array_equal(among.genuine(read_anew(template_of(ACME))), first)
    assert comparator.asked == len(template_of(ACME))


def test_another_and_a_part_of_it_are_not() -> None:
    comparator = Counting()
    among = Among(comparator, 3)
    among.genuine(template_of(ACME))
    among.genuine(template_of(BOLT))
    among.genuine(template_of(ACME).without(0))
    assert comparator.asked == 2 * len(template_of(ACME)) + len(template_of(ACME)) - 1


def test_one_reference_alone_has_nothing_to_be_held_against() -> None:
    comparator = Counting()
    alone = template_of(ACME).of(np.array([0]))
    assert Among(comparator, 3).genuine(alone) is alone.genuine
    assert comparator.asked == 0
