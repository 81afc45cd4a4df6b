"""`touchstone train` and `touchstone export` without the extra that they need."""

import sys

import pytest

from tests.cli.running import Touchstone


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install: no torch to import."""
    for name in [name for name in sys.modules if name.split(".")[0] == "training"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("torch", "torchvision", "open_clip", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("no_torch")
@pytest.mark.parametrize("arguments", [("train", "configs/train/mini.yaml"), ("export", "runs/mini", "bundle")])
def test_the_remedy_is_told_where_torch_is_absent(touchstone: Touchstone, arguments: tuple[str, ...]) -> None:
    outcome = touchstone(*arguments)
    assert outcome.exit_code == 2
    assert "pip install 'touchstone[train]'" in outcome.err


def test_a_configuration_that_is_absent_is_exit_2(touchstone: Touchstone) -> None:
    pytest.importorskip("open_clip")
    assert touchstone("train", "absent.yaml").exit_code == 2


def test_a_run_that_is_absent_is_exit_2(touchstone: Touchstone, tmp_path: object) -> None:
    pytest.importorskip("open_clip")
    assert touchstone("export", f"{tmp_path}/absent", f"{tmp_path}/bundle").exit_code == 2
