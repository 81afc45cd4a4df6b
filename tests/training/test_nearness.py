"""Plain retrieval counts brands and references, each by its nearest vector to any region."""

import numpy as np
import pytest

from training.nearness import Nearness, of_neighbours, report
from vision.finding.neighbours import Neighbours


def neighbours(*found: tuple[str, str, float]) -> Neighbours:
    """Two regions that found the same, the second a little further off; one place is empty."""
    brand, reference, distance = zip(*found, ("", "", np.inf), strict=True)
    words = (np.array([names, names], np.object_) for names in (reference, brand))
    near = np.array(distance, np.float32)
    return Neighbours(np.stack([near, near + np.float32(0.01)]), *words)


FOUND = neighbours(("b", "b1", 0.1), ("a", "a1", 0.2), ("a", "a1", 0.3), ("c", "c1", 0.4), ("a", "a2", 0.5))


def told(brand: str | None) -> tuple[float, int | None, float | None]:
    near = of_neighbours(FOUND, brand)
    return near.distance, near.brands_nearer, near.average_precision


def test_brands_nearer_than_its_own_are_counted_and_references_once() -> None:
    assert told("a") == pytest.approx((0.1, 1, (1 / 2 + 2 / 4) / 2))
    assert told("b") == pytest.approx((0.1, 0, 1.0))


def test_a_brand_not_found_comes_after_all_that_were() -> None:
    assert told("z") == pytest.approx((0.1, 3, 0.0))


def test_an_unrelated_photo_has_only_a_distance() -> None:
    assert of_neighbours(FOUND, None) == Nearness(float(np.float32(0.1)), None, None)


def test_the_report_sets_unknown_brands_against_known() -> None:
    known = [Nearness(0.1, 0, 1.0), Nearness(0.3, 4, 0.5)]
    unknown = [Nearness(0.2, None, None), Nearness(0.6, None, None)]
    assert report(known, unknown) == {
        "recall_at_1": 0.5,
        "recall_at_5": 1.0,
        "mean_average_precision": 0.75,
        "open_set_auroc": 0.75,
    }
    assert set(report([], []).values()) == {None}
