"""What the benchmark of large galleries draws and prints."""

from benchmarks.scale import small_photos
from benchmarks.scale.measured import HEAD, Row, memory_mb
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
