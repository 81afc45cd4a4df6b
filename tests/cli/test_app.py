"""The program: its commands, its exit codes, and that asking for help loads nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import app, serve
from tests.cli.running import Touchstone
from vision.errors import BundleInvalid, PhotoTruncated

COMMANDS = ("demo", "serve", "enroll", "inspect", "evaluate", "train", "export", "benchmark")
HEAVY = ("torch", "cv2", "onnxruntime", "faiss", "fastapi", "sqlalchemy", "matplotlib", "numpy", "jinja2", "training")


def test_help_names_every_command(touchstone: Touchstone) -> None:
    outcome = touchstone("--help")
    assert outcome.exit_code == 0
    assert all(command in outcome.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(touchstone: Touchstone, command: str) -> None:
    outcome = touchstone(command, "--help")
    assert outcome.exit_code == 0
    assert "Usage: touchstone" in outcome.out


def test_the_version_is_told(touchstone: Touchstone) -> None:
    outcome = touchstone("--version")
    assert outcome.exit_code == 0
    assert outcome.out.startswith("touchstone ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("inspect",),
        ("inspect", "a.jpg", "--alpha", "2"),
        ("evaluate", "references", "listings.csv"),
        ("enroll", "a", "b"),
        ("demo", "--nonsense"),
    ],
)
def test_wrong_usage_is_exit_2(touchstone: Touchstone, arguments: tuple[str, ...]) -> None:
    outcome = touchstone(*arguments)
    assert outcome.exit_code == 2
    assert outcome.out == ""
    assert outcome.err


@pytest.mark.parametrize(
    ("fault", "exit_code", "words"),
    [
        (BundleInvalid("no spec.json here; export it again"), 2, "bundle_invalid: no spec.json here; export it again"),
        (PhotoTruncated("it ends early; send the whole file"), 3, "photo_truncated: it ends early"),
        (RuntimeError("a seam came apart"), 1, "RuntimeError: a seam came apart"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_faults_become_exit_codes(
    touchstone: Touchstone, monkeypatch: pytest.MonkeyPatch, fault: BaseException, exit_code: int, words: str
) -> None:
    monkeypatch.setattr("serve.app.run", raising(fault))
    outcome = touchstone("serve")
    assert outcome.exit_code == exit_code
    assert words in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_debug_shows_where_a_fault_arose(touchstone: Touchstone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve.app.run", raising(RuntimeError("a seam came apart")))
    assert "Traceback" in touchstone("--debug", "serve").err


def raising(fault: BaseException) -> Callable[[Path | None], None]:
    def run(config: Path | None) -> None:
        raise fault

    return run


def test_serve_hands_its_settings_over(touchstone: Touchstone, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Path | None] = []
    monkeypatch.setattr("serve.app.run", given.append)
    assert touchstone("serve", "settings.yaml").exit_code == 0
    assert touchstone("serve").exit_code == 0
    assert given == [Path("settings.yaml"), None]
    assert serve.run.__doc__


def test_help_loads_nothing_heavy() -> None:
    probe = f"import sys; import cli.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_script_that_is_installed_exists() -> None:
    assert callable(app.main)
