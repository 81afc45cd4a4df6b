"""What is counted of flags, reasons and peaks."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.forgery.false_flags import at_rates, by_slice
from benchmarks.forgery.faults import REASON_OF, faults
from benchmarks.forgery.readings import Answer, Crop, Peak, Reading
from training.evaluate import Outcome
from training.listing import Listing
from training.synthesis.forgery import KINDS

BLANK = np.zeros((4, 4, 3), np.uint8)


def reading(number: int, kind: str, decision: str, reasons: tuple[str, ...] = (), inside: bool = True) -> Reading:
    label = "counterfeit" if kind else "genuine"
    slices = {"alteration": kind, "condition": "hard" if number % 2 else "mild"}
    listing = Listing(f"{number}.jpg", Path(f"{number}.jpg"), f"brand{number % 5}", label, slices)
    answers = {0.05: Answer(decision, 500)}
    peak = Peak(inside, 0.2) if kind else None
    return Reading(listing, Outcome(listing), answers, reasons, reasons, 0.3, 0.2, Crop(BLANK, None), peak)


FORGED = [
    reading(0, "mirrored", "divergent", ("structure_differs", "mirrored")),
    reading(1, "mirrored", "divergent", ("mirrored",), inside=False),
    reading(2, "mirrored", "consistent"),
    reading(3, "mirrored", "divergent", ("colour_off",)),
]
GENUINE = [reading(number, "", "divergent" if number == 5 else "consistent") for number in range(20)]


def test_every_alteration_has_the_reason_that_names_it() -> None:
    assert set(REASON_OF) == set(KINDS)


def test_named_and_found_are_counted_of_the_flagged_and_of_all() -> None:
    (fault,) = faults([*FORGED, *GENUINE], 0.05)
    assert (fault.kind, fault.flagged.listings, fault.aligned.listings) == ("mirrored", 3, 4)
    assert fault.flagged.named.value == pytest.approx(2 / 3)
    assert fault.flagged.named_first.value == pytest.approx(1 / 3)
    assert fault.flagged.inside.value == pytest.approx(2 / 3)
    assert fault.aligned.named.value == pytest.approx(2 / 4)
    assert fault.aligned.by_chance == pytest.approx(0.2)


def test_false_flags_are_of_genuine_listings_alone() -> None:
    (rates,) = at_rates([*FORGED, *GENUINE], [0.05])
    assert (rates.flagged_genuine, rates.genuine) == (1, 20)
    assert rates.false_flags.value == pytest.approx(0.05)
    assert rates.flagged_forged.value == pytest.approx(0.75)
    assert rates.undecided.value == 0
    assert rates.holds
    assert rates.promised is not None
    sliced = by_slice([*FORGED, *GENUINE], [0.05])
    assert [sliced[f"condition {name}"][0].flagged_genuine for name in ("hard", "mild")] == [1, 0]
