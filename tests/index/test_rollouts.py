"""A share of listings is judged by the set as it is, the same ones each time, on either database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from index.store import ArmCount, Drawn, Rollout, Store
from index.store.rollouts import MOST, arm_of
from tests.index.pictures import additions
from vision.errors import BrandUnknown, RolloutAbsent, RolloutUnderWay, TooManyRollouts, VersionUnknown

A, B, C = additions(1, views=3)
LISTINGS = [f"listing-{number}" for number in range(2000)]
TENTH = Rollout("acme", 1, 2, 0.1, 0, 2, datetime.now(UTC))


def drawn(rollout: Rollout) -> set[str]:
    return {listing for listing in LISTINGS if arm_of(rollout, listing) == "candidate"}


def baseline(store: Store) -> list[str]:
    return [each.id for each in store.rollouts.snapshot().references]


def test_the_draw_has_its_share_and_grows_with_it() -> None:
    assert 150 < len(drawn(TENTH)) < 250
    assert drawn(TENTH) < drawn(replace(TENTH, share=0.5))
    assert drawn(TENTH) != drawn(replace(TENTH, seed=1))
    assert (drawn(replace(TENTH, share=0.0)), drawn(replace(TENTH, share=1.0))) == (set(), set(LISTINGS))
    assert arm_of(replace(TENTH, share=1.0), None) == "baseline"


def test_the_baseline_holds_what_it_held_less_what_is_off_or_gone(store: Store) -> None:
    one = store.put_references("acme", [A, B, C]).version
    store.rollouts.put("acme", 0.0)
    version = store.version()
    store.switches.off("acme", A.id)
    store.withdraw("acme", B.id)
    assert store.rollouts.of("acme").baseline == one
    assert baseline(store) == [C.id]
    amendments = store.amendments(version)
    assert amendments.gone == amendments.gone_from_baselines == {("acme", A.id), ("acme", B.id)}


def test_what_only_the_baseline_holds_is_gone_from_it_when_it_is_withdrawn(store: Store) -> None:
    one, both = store.put_references("acme", [A]).version, store.put_references("acme", [B]).version
    store.versions.restore("acme", one)
    store.rollouts.put("acme", 0.5, baseline=both)
    version = store.version()
    store.withdraw("acme", B.id)  # set aside before, so that the gallery of the set as it is never had it
    assert store.amendments(version).gone == frozenset()
    assert store.amendments(version).gone_from_baselines == {("acme", B.id)}
    assert baseline(store) == [A.id]


def test_the_share_changes_and_the_baseline_does_not(store: Store) -> None:
    one = store.put_references("acme", [A]).version
    begun, _ = store.rollouts.put("acme", 0.0, seed=9)
    two = store.put_references("acme", [B]).version
    went_on, _ = store.rollouts.put("acme", 0.5)
    assert (begun.baseline, begun.candidate, went_on.baseline, went_on.candidate) == (one, one, one, two)
    assert (went_on.share, went_on.seed, went_on.begun) == (0.5, 9, begun.begun)
    with pytest.raises(RolloutUnderWay, match=f"from version {one}, not {two}"):
        store.rollouts.put("acme", 0.5, baseline=two)


def test_promoted_the_new_set_judges_all(store: Store) -> None:
    store.put_references("acme", [A])
    store.rollouts.put("acme", 0.1)
    version = store.put_references("acme", [B]).version
    store.rollouts.promote("acme")
    assert [each.id for each in store.references("acme")] == [A.id, B.id]
    assert store.rollouts.in_force(version) == store.rollouts.in_force(store.version()) == ()


def test_abandoned_the_set_is_the_baseline_again_and_judges_all_at_once(store: Store) -> None:
    store.put_references("acme", [A])
    store.rollouts.put("acme", 0.1)
    version = store.put_references("acme", [B]).version
    store.rollouts.abandon("acme")
    assert [each.id for each in store.references("acme")] == [A.id]
    (over,) = store.rollouts.in_force(version)  # a gallery of then has the candidate still
    assert (over.share, over.is_over) == (0.0, True)
    assert store.rollouts.in_force(store.version()) == ()
    assert baseline(store) == []


@pytest.mark.parametrize(("end", "outcome"), [("promote", "promoted"), ("abandon", "abandoned")])
def test_one_that_is_over_is_no_more_and_another_may_begin(store: Store, end: str, outcome: str) -> None:
    store.put_references("acme", [A])
    store.rollouts.put("acme", 0.1)
    ending: Callable[[str], object] = getattr(store.rollouts, end)
    ending("acme")
    for ask in (store.rollouts.of, store.rollouts.promote, store.rollouts.abandon):
        with pytest.raises(RolloutAbsent):
            ask("acme")
    store.rollouts.put("acme", 0.2)
    assert store.rollouts.of("acme").share == 0.2
    actions = [line.action for line in store.trail.of(None) if line.action.startswith("rollout")]
    assert actions == ["rollout.begun", f"rollout.{outcome}", "rollout.begun"]


def test_listings_are_counted_by_the_version_that_judged(store: Store) -> None:
    store.put_references("acme", [A])
    rollout, _ = store.rollouts.put("acme", 0.5)
    new, old = (Drawn("acme", rollout.begun, arm, rollout.baseline) for arm in ("candidate", "baseline"))
    said = ('{"decision": "divergent", "brand": "acme"}', '{"decision": "undecided", "brand": "acme"}')
    for number, (verdict, organisation, each) in enumerate(
        [
            (said[0], "north", new),
            (said[1], "south", new),
            ('{"decision": "divergent", "brand": "other"}', "north", new),
            ('{"decision": "unrecognised", "brand": null}', "north", old),
        ]
    ):
        store.inspections.put(str(number), verdict, organisation=organisation, drawn=[each])
    version = rollout.baseline
    assert store.rollouts.counts(rollout) == (
        ArmCount("baseline", version, 1, 0, 0, 0),
        ArmCount("candidate", version, 3, 2, 1, 1),
    )
    assert store.rollouts.counts(rollout, "south") == (ArmCount("candidate", version, 1, 1, 0, 1),)
    store.rollouts.put("acme", 0.6)
    assert len(store.rollouts.counts(rollout)) == 2
    store.rollouts.put("acme", 0.6, seed=1)
    assert store.rollouts.counts(rollout) == ()  # other listings are drawn


def test_an_organisation_has_so_many_at_once(store: Store) -> None:
    for number in range(MOST + 1):
        store.put_brand(f"brand{number}")
        store.put_references(f"brand{number}", [A])
    for number in range(MOST):
        store.rollouts.put(f"brand{number}", 0.1)
    with pytest.raises(TooManyRollouts, match=f"{MOST} roll-outs of organisation 'operator'.*the limit is {MOST}"):
        store.rollouts.put(f"brand{MOST}", 0.1)
    store.rollouts.promote("brand0")
    store.rollouts.put(f"brand{MOST}", 0.1)


def test_what_is_unknown_is_named(store: Store) -> None:
    with pytest.raises(VersionUnknown, match="no version yet"):
        store.rollouts.put("acme", 0.1)
    version = store.put_references("acme", [A]).version
    with pytest.raises(VersionUnknown, match=f"no version {version + 1}"):
        store.rollouts.put("acme", 0.1, baseline=version + 1)
    with pytest.raises(BrandUnknown):
        store.rollouts.put("nobody", 0.1)
