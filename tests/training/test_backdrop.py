"""Backdrops are reproducible and hold a body for every product."""

import numpy as np

from training import backdrop

CLUTTER = np.full((2, 16, 16, 4), 200, np.uint8)


def test_one_seed_one_backdrop() -> None:
    first, again, other = (backdrop.draw(8, 48, CLUTTER, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.grounds, again.grounds)
    np.testing.assert_array_equal(first.bodies, again.bodies)
    assert (first.grounds != other.grounds).any()


def test_every_product_but_none_has_a_body() -> None:
    drawn = backdrop.draw(1, 48, CLUTTER, 0)
    covered = (drawn.bodies[:, 1] > 128).mean((1, 2))  # [N]
    for index, product in enumerate(backdrop.PRODUCTS):
        share = covered[drawn.body_product == index]
        assert (share == 0).all() if product == "other" else (share > 0.15).all(), product
