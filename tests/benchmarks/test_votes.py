"""The benchmark of votes prints a row a size."""

import pytest

from benchmarks import votes


def test_it_prints_a_row_a_size(capsys: pytest.CaptureFixture[str]) -> None:
    votes.main(["--brands", "3", "20", "--entries", "10", "--features", "30"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.count("│") == 7]
    assert [row.split("│")[2].strip() for row in rows] == ["30", "200"]
