"""Intervals over brands: as wide as the clustering asks, and honest where flags are few."""

import numpy as np
import pytest

from benchmarks.forgery.clustered import bootstrapped, design_effect, promised, rate

BRANDS = [f"brand{i // 10}" for i in range(200)]


def test_independent_listings_have_the_exact_binomial_interval() -> None:
    flags = np.zeros(200, np.bool_)
    flags[::10] = True  # one a brand: no clustering
    assert design_effect(flags, BRANDS) == 1
    found = rate(flags, BRANDS)
    assert found.value == pytest.approx(0.1)
    assert found.low == pytest.approx(0.0622, abs=1e-3)  # Clopper and Pearson, 20 of 200
    assert found.high == pytest.approx(0.1502, abs=1e-3)


def test_flags_of_few_brands_widen_the_interval() -> None:
    flags = np.zeros(200, np.bool_)
    flags[:20] = True  # two brands wholly
    assert design_effect(flags, BRANDS) > 5
    spread, together = rate(np.arange(200) % 10 == 0, BRANDS), rate(flags, BRANDS)
    assert together.high is not None
    assert spread.high is not None
    assert together.high > spread.high + 0.1


def test_no_flag_is_no_proof_of_a_rate_of_nought() -> None:
    found = rate(np.zeros(200, np.bool_), BRANDS)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.0183, abs=1e-3)
    assert rate(np.zeros(0, np.bool_), []).value is None


def test_the_bootstrap_draws_brands() -> None:
    values = np.repeat(np.arange(20.0), 10)
    found = bootstrapped(lambda rows: [float(values[rows].mean())], BRANDS, rounds=400)[0]
    assert found.value == pytest.approx(9.5)
    assert found.low == pytest.approx(9.5 - 1.96 * values.std() / np.sqrt(20), abs=0.4)
    assert bootstrapped(lambda rows: [0.5], ["one"] * 9)[0].low is None


def test_a_promise_is_made_only_where_calibration_carries_it() -> None:
    assert promised(240, 298, 0.01) is None
    found = promised(240, 500, 0.01)
    assert found is not None
    assert found[0] == 0
    assert 1 <= found[1] <= 4
