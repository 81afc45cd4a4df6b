"""What the benchmark of large galleries draws and prints."""

from pathlib import Path

import pytest

from benchmarks.scale import small_photos
from benchmarks.scale.enrolling import enrolled
from benchmarks.scale.measured import HEAD, Row, memory_mb
from benchmarks.scale.spent import Spent
from vision.photo import decode


def test_no_two_photos_of_a_brand_are_alike_and_each_is_drawn_again() -> None:
    drawn = list(small_photos.photos(1, 2, 4))
    assert len(set(drawn)) == 4
    assert drawn[2:] == list(small_photos.photos(1, 2, 2, first=2))
    assert all((photo.width, photo.height) == (small_photos.SIDE_PX,) * 2 for photo in map(decode, drawn))


def test_a_row_has_the_heads_columns() -> None:
    row = Row("ours", 1.0, 2.0, 3.0, 1.0, 0.5, 1.0, 0, *memory_mb(), 0.1)
    assert row.told(row).count("|") == HEAD.splitlines()[0].count("|") == HEAD.splitlines()[1].count("|")
    assert row.told(row).endswith("| 1.0 | 1.0 |")


def test_what_was_spent_is_kept_and_counted_once(tmp_path: Path) -> None:
    spent = Spent(tmp_path / "spent.jsonl")
    spent.add("build", "acme", 3.0, 2.0)
    spent.add("build", "zenith", 5.0, 4.0)
    again = Spent(tmp_path / "spent.jsonl")
    again.add("build", "acme", 0.1, 0.1)  # found, not made
    with again.step("store", "acme"):
        pass
    assert (again.seconds("build"), again.cpu_seconds("build")) == (8.0, 6.0)
    assert (again.told("store", "acme"), spent.told("store", "acme")) == (True, False)
    assert again.peak_mb > 0


@pytest.mark.slow
def test_an_enrolment_that_was_cut_goes_on_and_takes_in_nothing_twice(tmp_path: Path) -> None:
    (one,) = enrolled(tmp_path, brands=1, each=2, seed=0, together=2, threads=1)
    (both,) = enrolled(tmp_path, brands=2, each=2, seed=0, together=2, threads=2)
    assert [(done.brands, done.references) for done in (one, both)] == [(1, 2), (2, 4)]
    assert both.cpu_seconds["build"] > one.cpu_seconds["build"] > 0
