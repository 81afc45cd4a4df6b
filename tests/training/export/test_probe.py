"""The probe is the same at each drawing, and calibration sees none of it."""

import numpy as np

from training.export import probe
from training.export.probe import ProbePlan

PLAN = ProbePlan(brands=2, references=2, views=3, strangers=2)


def test_a_probe_is_drawn_the_same_again() -> None:
    first, second = probe.draw(PLAN), probe.draw(PLAN)
    assert len(first.references) == 4
    assert first.query_brands.tolist() == [0, 0, 0, 1, 1, 1, -1, -1]
    assert all((one == other).all() for one, other in zip(first.photographs, second.photographs, strict=True))


def test_calibration_photographs_are_of_other_brands() -> None:
    drawn, others = probe.draw(PLAN), probe.calibration_photographs(3)
    assert not any(np.array_equal(photo, other) for photo in drawn.photographs for other in others)


def test_a_plan_is_of_about_as_many_queries_as_asked() -> None:
    for queries in (20, 100, 1000):
        plan = ProbePlan.of(queries)
        assert abs(plan.brands * plan.views + plan.strangers - queries) <= plan.brands
