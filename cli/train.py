"""`touchstone train`: an embedder from a YAML configuration."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, extra


def run(
    config: Annotated[Path, typer.Argument(help="Training configuration, as in configs/train/.", metavar="CONFIG")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override one key of the configuration; may be repeated.", metavar="KEY=VALUE"),
    ] = None,
) -> None:
    """Train an embedder, or go on with a stopped run."""
    with extra.needed("train"):
        from training import train

        folder = train.run(config, overrides or [])
    console.say(f"trained in {folder}; make a bundle of it with `touchstone export {folder} DIR`")
