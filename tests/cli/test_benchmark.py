"""`touchstone benchmark`."""

from pathlib import Path

import pytest

from cli import benchmark
from tests.cli.running import Touchstone


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two benchmarks: one that leaves its arguments behind, one that fails."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "speed.py").write_text(
        '"""How fast it is.\n\nMore."""\nimport pathlib, sys\npathlib.Path("ran").write_text(" ".join(sys.argv[1:]))\n'
    )
    (folder / "wrong.py").write_text('"""Fails."""\nraise SystemExit(7)\n')
    monkeypatch.setattr(benchmark, "SCRIPTS", folder)
    return folder


def test_benchmarks_are_listed_with_their_purpose(touchstone: Touchstone, scripts: Path) -> None:
    outcome = touchstone("benchmark")
    assert outcome.exit_code == 0
    assert "How fast it is." in outcome.out
    assert "More." not in outcome.out


def test_a_benchmark_is_run_with_its_arguments(touchstone: Touchstone, scripts: Path) -> None:
    assert touchstone("benchmark", "speed", "--", "--count", "3").exit_code == 0
    assert (scripts.parent / "ran").read_text() == "--count 3"


def test_the_exit_code_is_the_benchmarks(touchstone: Touchstone, scripts: Path) -> None:
    assert touchstone("benchmark", "wrong").exit_code == 7
    assert touchstone("benchmark", "--all").exit_code == 7


def test_a_benchmark_that_is_not_there_is_exit_2(touchstone: Touchstone, scripts: Path) -> None:
    outcome = touchstone("benchmark", "nonsense")
    assert outcome.exit_code == 2
    assert "speed, wrong" in outcome.err


def test_without_a_source_tree_the_remedy_is_told(touchstone: Touchstone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "SCRIPTS", Path("/nowhere"))
    assert touchstone("benchmark").exit_code == 2
