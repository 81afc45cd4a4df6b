"""References photographed anew."""

import numpy as np
import pytest

from tests.vision.scenes import references_of, template_of
from vision.references.rephotograph import WHOLE, mark_in, rephotographs

SEED = 9_000_001


def test_the_same_seed_takes_the_same_photographs() -> None:
    _, reference = references_of(SEED, 1)[0]
    first, again = (list(rephotographs(reference, WHOLE, 2, seed=1, long_side_px=160)) for _ in range(2))
    other = next(rephotographs(reference, WHOLE, 1, seed=2, long_side_px=160))
    assert all((a.pixels == b.pixels).all() for a, b in zip(first, again, strict=True))
    assert first[0].pixels.shape != other.pixels.shape or (first[0].pixels != other.pixels).any()
    assert max(first[0].pixels.shape) == 160
    assert len({photo.sha256 for photo in (*first, other)}) == 3


def test_the_mark_is_where_its_template_knows_it() -> None:
    template = template_of(SEED, 2)
    left, top, right, bottom = mark_in(template.reference_ids[1], [template])
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert (right - left) * (bottom - top) < 0.95


@pytest.mark.parametrize("templates", [0, 1])
def test_a_reference_that_no_template_knows_is_framed_whole(templates: int) -> None:
    assert mark_in("nobody", [template_of(SEED, 1)][:templates]) == WHOLE


def test_a_photograph_shows_the_reference_and_is_not_it() -> None:
    _, reference = references_of(SEED, 1)[0]
    photo = next(rephotographs(reference, WHOLE, 1, seed=1))
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.std() > 5
