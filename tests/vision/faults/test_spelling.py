"""The distance of two readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.faults.spelling import ALIKE_COST, distance, normalised, share

WORDS = st.text("abco0lrnmvw1i ", max_size=7)


@given(WORDS, WORDS)
def test_it_is_symmetric_and_within_the_longer_text(a: str, b: str) -> None:
    assert distance(a, b) == pytest.approx(distance(b, a))
    assert 0 <= distance(a, b) <= max(len(normalised(a)), len(normalised(b)))
    assert 0 <= share(a, b) <= 1


@given(WORDS)
def test_only_what_is_written_alike_is_at_nought(a: str) -> None:
    assert distance(a, a.upper()) == 0
    assert distance(a, a + "x") == 1


@pytest.mark.parametrize(
    ("a", "b", "letters"),
    [
        ("STARBUCKS", "STARBVCKS", 1),
        ("ACME", "AMCE", 1),
        ("ACME", "ACM", 1),
        ("Marble Oak", "Marble 0ak", ALIKE_COST),
        ("modern", "modem", ALIKE_COST),
        ("wave", "vvave", ALIKE_COST),
        ("ﬁne", "fine", 0),
        ("Bolt & Co.", "BOLT CO", 0),
        ("", "abc", 3),
    ],
)
def test_distances(a: str, b: str, letters: float) -> None:
    assert distance(a, b) == pytest.approx(letters)
