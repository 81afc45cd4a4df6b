"""The benchmark of a look: that it measures every stage, on photographs it takes itself."""

import io

import pytest
from rich.console import Console

from benchmarks import look
from vision.bundle import Bundle, carried


def test_every_stage_is_measured_for_each_number_of_references() -> None:
    models = look.Models.of(Bundle.open(carried()))
    costs = look.measure((1, 2), photos=2, rounds=1, models=models)
    assert list(costs) == [1, 2]
    for each in costs.values():
        assert set(each) == set(look.STAGES)
        assert each["features"] > 0
        assert each["embed"] > 0


def test_only_photos_that_all_found_are_compared() -> None:
    cheap, dear = (dict.fromkeys(look.STAGES, cost) for cost in (1.0, 3.0))
    assert look.means({1: [cheap, dear], 8: [dear, None]}) == {1: cheap, 8: dear}
    with pytest.raises(SystemExit, match="found in none"):
        look.means({1: [None], 8: [cheap]})


def test_the_report_sets_the_rest_beside_the_embedding() -> None:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(look.report({1: dict.fromkeys(look.STAGES, 2.0)}))
    page = console.export_text()
    assert "beside the embedding" in page
    assert f"{2.0 * len(look.BESIDE):.1f}" in page
    assert f"{float(len(look.BESIDE)):.1f}x" in page
