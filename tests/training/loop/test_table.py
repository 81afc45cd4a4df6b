"""A table gives back what was added, and a row that a crash cut short is none."""

from pathlib import Path

import pytest

from training.loop.table import Table


@pytest.fixture
def table(tmp_path: Path) -> Table:
    made = Table(tmp_path / "t.csv", digits=17)
    for step in (1, 2, 3):
        made.add({"step": step, "loss": 1 / 3 / step})
    return made


def test_numbers_come_back_exactly(table: Table) -> None:
    assert table.rows() == [{"step": step, "loss": 1 / 3 / step} for step in (1, 2, 3)]


@pytest.mark.parametrize("step", [0, 2, 3])
def test_rows_after_a_step_are_forgotten(table: Table, step: int) -> None:
    table.rewind(step)
    assert [row["step"] for row in table.rows()] == [1, 2, 3][:step]
    table.add({"step": step + 1, "loss": 0.0})
    assert len(table.rows()) == step + 1


@pytest.mark.parametrize("torn", ["4", "4,"])
def test_a_torn_row_is_no_row(table: Table, torn: str) -> None:
    with table.path.open("a") as stream:
        stream.write(torn)
    assert len(table.rows()) == 3
    table.rewind(3)
    assert table.path.read_text().splitlines()[-1].startswith("3,")
