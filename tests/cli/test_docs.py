"""docs/cli.md stays complete: each command has its heading, and each option is named under it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.app import app

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
EVERYWHERE = {"--help", "-h"}


def sections() -> dict[str, str]:
    """Command -> what stands under its heading."""
    parts = re.split(r"^## touchstone ([\w ]+)$", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by all its words, in order."""
    for name, command in getattr(group, "commands", {}).items():
        words = f"{before} {name}".strip()
        yield from commands(command, words) if hasattr(command, "commands") else [(words, command)]


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_each_command_has_a_heading_and_no_other_has() -> None:
    assert list(sections()) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_is_named_and_no_other_is(command: str) -> None:
    named = set(re.findall(r"^\| `(--[a-z]+)", sections()[command], flags=re.MULTILINE))
    options = {name for parameter in COMMANDS[command].params for name in parameter.opts if name.startswith("-")}
    assert named == options - EVERYWHERE


def test_the_exit_codes_are_told() -> None:
    assert re.findall(r"^\| (\d) \|", DOCS.read_text("utf-8"), flags=re.MULTILINE) == ["0", "2", "3", "1"]
