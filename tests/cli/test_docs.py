"""docs/cli.md stays complete: each command has its heading, and each option is named under it."""

import re
from pathlib import Path

import pytest
import typer.main

from cli.app import app

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
EVERYWHERE = {"--help", "-h"}


def sections() -> dict[str, str]:
    """Command -> what stands under its heading."""
    parts = re.split(r"^## touchstone (\w+)$", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def options_of(command: str) -> set[str]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return {name for parameter in group.commands[command].params for name in parameter.opts if name.startswith("-")}


def test_each_command_has_a_heading_and_no_other_has() -> None:
    assert list(sections()) == [command.name for command in app.registered_commands]


@pytest.mark.parametrize("command", [str(command.name) for command in app.registered_commands])
def test_each_option_is_named_and_no_other_is(command: str) -> None:
    named = set(re.findall(r"^\| `(--[a-z]+)", sections()[command], flags=re.MULTILINE))
    assert named == options_of(command) - EVERYWHERE


def test_the_exit_codes_are_told() -> None:
    assert re.findall(r"^\| (\d) \|", DOCS.read_text("utf-8"), flags=re.MULTILINE) == ["0", "2", "3", "1"]
