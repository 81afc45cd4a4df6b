"""What joins a reference set: each file judged once, in order, all faults together."""

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.look import Look, differing_bits
from index.reference_set import (
    MAX_BRAND_LENGTH,
    NEAR_DUPLICATE_BITS,
    Note,
    Status,
    Upload,
    admit,
    brand_id,
    receive,
    reference_id,
)
from tests.index.pictures import encoded, mark, upload
from vision.errors import BrandNameInvalid, PhotoNotImage, PhotoTooLarge
from vision.photo import PhotoLimits


@dataclass(frozen=True)
class Enrolled:
    """A reference that is there already."""

    id: str
    sha256: str
    fingerprint: int


def looking(sha256: str, fingerprint: int, side_px: int = 400, sharpness: float = 0.2) -> Upload:
    return Upload(sha256, b"", Look(sha256, "jpeg", side_px, side_px, fingerprint, sharpness), None)


# Few digests, and fingerprints close to one another, so that repeats and likenesses are common.
digests = st.integers(0, 5).map(lambda number: f"{number:064x}")
fingerprints = st.sets(st.integers(0, 63), max_size=12).map(lambda bits: sum(1 << bit for bit in bits))
uploads = st.lists(st.builds(looking, digests, fingerprints), max_size=12)


@given(uploads)
def test_every_file_has_one_result_in_order(files: list[Upload]) -> None:
    results = admit((), files).results
    assert [result.name for result in results] == [file.name for file in files]


@given(uploads)
def test_the_same_bytes_are_stored_once(files: list[Upload]) -> None:
    added = [addition.sha256 for addition in admit((), files).additions]
    assert sorted(added) == sorted({file.name for file in files})


@given(uploads)
def test_admitting_again_adds_nothing_and_names_the_first(files: list[Upload]) -> None:
    first = admit((), files)
    again = admit(first.additions, files)
    assert again.additions == ()
    assert all(result.status is Status.DUPLICATE for result in again.results)
    assert [result.reference for result in again.results] == [result.reference for result in first.results]


@given(uploads, uploads)
def test_judging_together_is_judging_one_after_another(some: list[Upload], others: list[Upload]) -> None:
    together, first = admit((), some + others), admit((), some)
    then = admit(first.additions, others)
    assert together.results == first.results + then.results
    assert together.additions == first.additions + then.additions


@given(uploads)
def test_a_near_duplicate_is_kept_and_names_what_it_resembles(files: list[Upload]) -> None:
    admission = admit((), files)
    fingerprint_of = {addition.id: addition.fingerprint for addition in admission.additions}
    for result in admission.results:
        if result.status is Status.NEAR_DUPLICATE:
            assert result.reference is not None
            assert result.resembles is not None
            apart = differing_bits(fingerprint_of[result.reference], fingerprint_of[result.resembles])
            assert apart <= NEAR_DUPLICATE_BITS


def test_the_limit_of_likeness_is_exact() -> None:
    there = [Enrolled("there", "a" * 64, 0)]
    at, beyond = (1 << NEAR_DUPLICATE_BITS) - 1, (1 << (NEAR_DUPLICATE_BITS + 1)) - 1
    assert admit(there, [looking("b" * 64, at)]).results[0].resembles == "there"
    assert admit(there, [looking("b" * 64, beyond)]).results[0].status is Status.ACCEPTED


def test_the_nearest_likeness_is_named() -> None:
    there = [Enrolled("far", "a" * 64, 0b111), Enrolled("near", "b" * 64, 0b1)]
    assert admit(there, [looking("c" * 64, 0)]).results[0].resembles == "near"


def test_doubts_are_noted_and_the_file_kept() -> None:
    admission = admit((), [looking("a" * 64, 0, side_px=100, sharpness=0.001)])
    assert admission.results[0].notes == (Note.SMALL, Note.BLURRED)
    assert len(admission.additions) == 1


def test_real_files_are_judged_together() -> None:
    fresh = upload(1)
    resaved = receive("resaved.webp", encoded(mark(1).resize((150, 150)), "WEBP", quality=60))
    broken = receive("notes.txt", b"not a photo at all")
    admission = admit((), [fresh, broken, fresh, upload(2), resaved])
    statuses = [result.status for result in admission.results]
    assert statuses == [
        Status.ACCEPTED,
        Status.REFUSED,
        Status.DUPLICATE,
        Status.ACCEPTED,
        Status.NEAR_DUPLICATE,
    ]
    assert isinstance(admission.results[1].fault, PhotoNotImage)
    assert admission.results[2].reference == admission.results[0].reference == admission.results[4].resembles
    assert Note.SMALL in admission.results[4].notes
    assert [addition.name for addition in admission.additions] == ["mark1-0.jpg", "mark2-0.jpg", "resaved.webp"]


def test_limits_are_the_callers() -> None:
    assert isinstance(receive("a", encoded(mark(1)), PhotoLimits(max_bytes=100)).fault, PhotoTooLarge)


def test_an_id_follows_from_the_bytes() -> None:
    admission = admit((), [upload(1)])
    assert admission.additions[0].id == reference_id(admission.additions[0].sha256)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Abbott Detroit", "abbott detroit"),
        ("M&M's", "m&m's"),
        ("7-Up+", "7-up+"),
        ("Cafe\u0301", "caf\u00e9"),
        ("\u534e\u4e3a", "\u534e\u4e3a"),
        ("\u0130stanbul", "i\u0307stanbul"),  # lower case of a dotted capital is two characters
        ("\u0928\u092e\u0938\u094d\u0924\u0947", "\u0928\u092e\u0938\u094d\u0924\u0947"),  # written with vowel signs
        ("a" * MAX_BRAND_LENGTH, "a" * MAX_BRAND_LENGTH),
    ],
)
def test_brand_ids(name: str, expected: str) -> None:
    assert brand_id(name) == expected


@pytest.mark.parametrize(
    "name", ["", " acme", ".hidden", "../etc", "a/b", "a\nb", "a\0b", "a" * 65, "\u0301a", "a_b\\c"]
)
def test_names_that_are_no_ids(name: str) -> None:
    with pytest.raises(BrandNameInvalid, match="start with a letter or digit"):
        brand_id(name)


@given(st.text(max_size=70))
def test_an_id_is_its_own_id(name: str) -> None:
    try:
        brand = brand_id(name)
    except BrandNameInvalid:
        return
    assert brand_id(brand) == brand
    assert unicodedata.is_normalized("NFC", brand)
    assert brand_id(name.upper() if name.upper().lower() == name.lower() else name) == brand
