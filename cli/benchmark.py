"""`touchstone benchmark`: the measurements kept in the source tree, listed and run."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import console
from vision.errors import ConfigurationError

SCRIPTS = Path(__file__).parents[1] / "benchmarks"


def run(
    name: Annotated[str | None, typer.Argument(help="Which to run; lists them if left out.", metavar="[NAME]")] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Handed to the benchmark; put -- before options.", metavar="[ARGS]...")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Run all of them, one after the other.")] = False,
) -> None:
    """List the benchmarks, or run one, or all."""
    found = scripts()
    if everything:
        raise typer.Exit(max((_execute(script, []) for script in found.values()), default=0))
    if name is None:
        console.write_table(("benchmark", "measures"), [(each, _purpose(script)) for each, script in found.items()])
    elif name in found:
        raise typer.Exit(_execute(found[name], arguments or []))
    else:
        raise ConfigurationError(f"there is no benchmark {name!r}; choose from {', '.join(found) or 'none'}")


def scripts() -> dict[str, Path]:
    """Name -> script. Errors: `ConfigurationError` where the source tree is not at hand."""
    if not SCRIPTS.is_dir():
        raise ConfigurationError(f"{SCRIPTS} is not there: benchmarks come with the source tree; run from a checkout")
    return {path.stem: path for path in sorted(SCRIPTS.glob("*.py")) if not path.name.startswith("_")}


def _purpose(script: Path) -> str:
    words = ast.get_docstring(ast.parse(script.read_text("utf-8"))) or ""
    return words.partition("\n")[0]


def _execute(script: Path, arguments: list[str]) -> int:
    return subprocess.run([sys.executable, str(script), *arguments], cwd=SCRIPTS.parent, check=False).returncode
