"""Fusing a listing's photos: what decides does not depend on their order, on copies, or on what shows less."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vision.fusion import Claim, Shown, claim_reasons, conflicts, deciding
from vision.verdict import ReasonCode

BRANDS = ("acme", "bolt", "crux")


@st.composite
def listings(draw: st.DrawFn) -> list[Shown]:
    """What up to six photos show; no two recognitions are alike."""
    count = draw(st.integers(0, 12))
    levels = draw(st.lists(st.integers(-30, 60), min_size=count, max_size=count, unique=True))
    return [
        Shown(
            draw(st.integers(0, 5)),
            draw(st.sampled_from(BRANDS)),
            level / 10,
            draw(st.sampled_from([None, True, False])),
        )
        for level in levels
    ]


@given(listings(), st.randoms())
def test_the_order_of_photos_does_not_matter(shown: list[Shown], random: object) -> None:
    mixed = shown.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert deciding(mixed) == deciding(shown)
    assert conflicts(mixed) == conflicts(shown)
    assert claim_reasons(Claim("acme"), mixed) == claim_reasons(Claim("acme"), shown)


@given(listings(), st.integers(1, 50), st.sampled_from(BRANDS), st.sampled_from([None, True, False]))
def test_what_shows_less_never_changes_what_decides(
    shown: list[Shown], below: int, brand: str, flagged: bool | None
) -> None:
    best = deciding(shown)
    if best is not None:
        weaker = Shown(9, brand, best.recognition - below / 10, flagged)
        assert deciding([*shown, weaker]) == deciding([weaker, *shown]) == best


@given(listings())
def test_only_what_is_recognised_decides_and_the_surest_does(shown: list[Shown]) -> None:
    best = deciding(shown)
    recognised = [one.recognition for one in shown if one.recognition > 0]
    assert (best.recognition if best else None) == (max(recognised) if recognised else None)


@given(listings())
def test_a_single_photo_is_never_in_conflict(shown: list[Shown]) -> None:
    assert conflicts([replace(one, photo=0) for one in shown]) == []


@given(listings())
def test_conflicts_name_other_photos_that_show_something(shown: list[Shown]) -> None:
    best = deciding(shown)
    for reason in conflicts(shown):
        assert best is not None
        assert reason.photo != best.photo
        assert any(one.photo == reason.photo and one.recognition > 0 for one in shown)


@given(listings())
def test_photos_that_all_agree_have_no_conflict(shown: list[Shown]) -> None:
    assert conflicts([replace(one, brand="acme", flagged=True) for one in shown]) == []


def codes(reasons: object) -> list[ReasonCode]:
    return [reason.code for reason in reasons]  # type: ignore[attr-defined]


def test_a_photo_that_would_be_decided_the_other_way_is_named() -> None:
    shown = [Shown(0, "acme", 3.0, False), Shown(1, "acme", 2.0, True), Shown(2, "acme", 1.0, None)]
    (reason,) = conflicts(shown)
    assert (reason.code, reason.photo) == (ReasonCode.PHOTOS_DISAGREE, 1)
    assert reason.detail.endswith("is divergent")
    (turned,) = conflicts([replace(one, flagged=None if one.flagged is None else not one.flagged) for one in shown])
    assert turned.detail.endswith("is consistent")


def test_another_brand_is_named_once_where_it_shows_best() -> None:
    shown = [Shown(0, "acme", 3.0), Shown(1, "bolt", 1.0), Shown(2, "bolt", 2.0), Shown(2, "acme", 1.5)]
    (reason,) = conflicts(shown)
    assert (reason.code, reason.photo) == (ReasonCode.SEVERAL_BRANDS, 2)


def test_claims() -> None:
    acme, unseen = [Shown(0, "acme", 1.0)], [Shown(0, "acme", -1.0)]
    assert codes(claim_reasons(Claim(), acme)) == []
    assert codes(claim_reasons(Claim("acme"), acme)) == []
    assert codes(claim_reasons(Claim("acme"), unseen)) == [ReasonCode.CLAIMED_BRAND_ABSENT]
    both = [ReasonCode.CLAIMED_BRAND_ABSENT, ReasonCode.CLAIMED_BRAND_CONTRADICTED]
    assert codes(claim_reasons(Claim("bolt"), acme)) == both
    assert codes(claim_reasons(Claim(unbranded=True), acme)) == [ReasonCode.UNCLAIMED_MARK]
    assert codes(claim_reasons(Claim(unbranded=True), unseen)) == []
