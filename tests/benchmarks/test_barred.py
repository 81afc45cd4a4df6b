"""Barred: what the camera explains is reported apart."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.forgery.barred import EXPLAINED, by_bar, explained_by_pose
from benchmarks.forgery.figures import labelled
from benchmarks.forgery.row import Row
from training.listing import Listing


def listing(label: str, alteration: str = "", severity: str = "", condition: str = "mild") -> Listing:
    columns = {"alteration": alteration, "severity": severity, "condition": condition}
    return Listing("a.jpg", Path("a.jpg"), "acme", label, columns)


@pytest.mark.parametrize(
    ("severity", "condition", "explained"), [("1", "mild", True), ("2", "mild", False), ("3", "hard", True)]
)
def test_a_squeeze_is_explained_where_a_pose_reaches_it(severity: str, condition: str, explained: bool) -> None:
    assert explained_by_pose(listing("counterfeit", "aspect", severity, condition)) is explained


def test_other_alterations_are_never_explained() -> None:
    assert not explained_by_pose(listing("counterfeit", "hue", "1", "hard"))


def test_explained_listings_stand_apart_from_the_barred() -> None:
    listings = [listing("genuine"), listing("counterfeit", "aspect", "1"), listing("counterfeit", "warped", "2")]
    found = by_bar(Row("ours", "", np.array([0.0, -1.0, 1.0]), 0.0, "ours"), labelled(listings))
    assert found["barred"].auroc.value == 1.0
    assert found["warped, severity 2 and 3"].forged == 1
    assert found[EXPLAINED].auroc.value == 0.0
