"""Agreement counts what changes, forgives ties, and never takes not-a-number for agreement."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.export.agreement import GATES, TIE, Agreement, Embedded, Gate, agreement, threshold

BRANDS = np.array([0, 0, 1, 1])
QUERY_BRANDS = np.array([0, 1, -1])


def unit(*rows: tuple[float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    vectors = np.array(rows, np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


REFERENCES = unit((1, 0), (1, 0.1), (0, 1), (0.1, 1))
QUERIES = unit((1, 0.02), (0.02, 1), (-1, -1))
SEEN = Embedded(REFERENCES, QUERIES, unit((1, 0), (0, 1)))


def test_the_same_vectors_agree_in_everything() -> None:
    at = threshold(SEEN, BRANDS, QUERY_BRANDS)
    found = agreement(SEEN, SEEN, BRANDS, at)
    assert found.numbers() == pytest.approx(dict.fromkeys(found.numbers(), 1.0), abs=1e-6)
    assert not GATES["fp32"].faults(found)


def test_the_threshold_parts_brands_from_strangers() -> None:
    assert -1 <= threshold(SEEN, BRANDS, QUERY_BRANDS) < 0.99


def test_a_query_that_goes_to_another_brand_is_another_decision() -> None:
    moved = Embedded(REFERENCES, unit((0.02, 1), (0.02, 1), (-1, -1)), SEEN.captions)
    found = agreement(SEEN, moved, BRANDS, 0.5)
    assert found.decisions == pytest.approx(2 / 3)
    assert found.top1 < 1
    assert found.choices == pytest.approx(2 / 3)


def test_a_query_that_falls_below_the_threshold_is_another_decision() -> None:
    fallen = Embedded(REFERENCES, unit((1, -1), (0.02, 1), (-1, -1)), SEEN.captions)
    found = agreement(SEEN, fallen, BRANDS, 0.9)
    assert found.decisions == pytest.approx(2 / 3)


def test_an_unrecognised_query_may_change_its_nearest_brand() -> None:
    elsewhere = Embedded(REFERENCES, unit((1, 0.02), (0.02, 1), (-1, -1.2)), SEEN.captions)
    assert agreement(SEEN, elsewhere, BRANDS, 0.5).decisions == 1


def test_ties_are_forgiven_in_rank_and_at_the_threshold() -> None:
    near = Embedded(unit((1, 0), (1, 1e-3)), unit((1, 0)), None)
    swapped = Embedded(unit((1, 1e-3), (1, 0)), unit((1, 0)), None)
    found = agreement(near, swapped, np.array([0, 1]), float((near.queries @ near.references.T).max()) + TIE / 2)
    assert (found.top1, found.decisions) == (1, 1)


@given(st.floats(0, 0.2))
def test_noise_never_raises_agreement_above_one(noise: float) -> None:
    rng = np.random.default_rng(0)
    noisy = SEEN.queries + noise * rng.standard_normal(SEEN.queries.shape).astype(np.float32)
    found = agreement(SEEN, Embedded(REFERENCES, unit(*map(tuple, noisy)), SEEN.captions), BRANDS, 0.5)
    assert all(value <= 1 + 1e-6 for value in found.numbers().values())


@pytest.mark.parametrize("field", ["image_cosine_min", "top1", "top5", "decisions", "text_cosine_min", "choices"])
@pytest.mark.parametrize("value", [0.5, float("nan")])
def test_each_shortfall_is_named(field: str, value: float) -> None:
    whole = Agreement(1, 1, 1, 1, 1)
    (fault,) = Gate(0.9, 0.9, 0.999).faults(dataclasses.replace(whole, **{field: value}))
    assert fault.startswith(field)
