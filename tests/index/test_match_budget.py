"""What is counted of matches, on SQLite and on PostgreSQL alike, and which references pass the budget."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.match_budget import MatchBudget, Matched, overdrawn
from index.store import Store
from tests.index.pictures import additions

A, B = additions(1, views=2)
NOW = datetime.now(UTC)
EVERYWHERE = Matched(nearest=450, inspections=500, by_others=10, before=0.03, brands=100)


@pytest.fixture
def store(store: Store) -> Store:
    store.put_references("acme", [A, B])
    return store


def test_what_matches_everything_passes_the_budget() -> None:
    words = overdrawn(EVERYWHERE, MatchBudget())
    assert words is not None
    assert "90% of the last 500 inspections; its brand's own share is 3.0%" in words


@pytest.mark.parametrize(
    "kept",
    [
        replace(EVERYWHERE, nearest=199, inspections=199),  # too few to judge
        replace(EVERYWHERE, nearest=100),  # a fifth is allowed
        replace(EVERYWHERE, by_others=100),  # the brand is large by its other references
        replace(EVERYWHERE, before=0.2),  # and was so before
        replace(EVERYWHERE, brands=5),  # a few brands share all there is
    ],
)
def test_what_is_its_brands_own_is_within_it(kept: Matched) -> None:
    assert overdrawn(kept, MatchBudget()) is None


def test_matches_add_up_over_hours_and_processes(store: Store) -> None:
    for hours in (0, 0, 3):
        nearest = {("acme", A.id): 8, ("acme", B.id): 1, ("acme", "withdrawn"): 9}
        store.match_counts.add(10, nearest, NOW - timedelta(hours=hours))
    store.match_counts.add(1000, {("acme", A.id): 1}, NOW - timedelta(hours=30))  # not of the last day
    (found,) = store.match_counts.most_matched(0.5, NOW)
    assert (found.brand, found.id) == ("acme", A.id)
    assert (found.matched.nearest, found.matched.inspections) == (24, 30)
    assert (found.matched.by_others, found.matched.brands) == (30, 1)


def test_a_brands_share_before_a_reference_joined_is_known(store: Store) -> None:
    store.match_counts.add(100, {("acme", B.id): 20}, NOW - timedelta(days=3))
    store.match_counts.add(10, {("acme", A.id): 10}, NOW)
    (found,) = store.match_counts.most_matched(0.5, NOW)
    assert found.matched.before == pytest.approx(0.2)


def test_what_is_old_is_forgotten(store: Store) -> None:
    store.match_counts.add(10, {("acme", A.id): 10}, NOW - timedelta(days=9))
    store.match_counts.add(1, {}, NOW)
    assert store.match_counts.most_matched(0.0, NOW - timedelta(days=9) + timedelta(hours=1)) == ()
