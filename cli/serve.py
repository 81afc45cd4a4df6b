"""`touchstone serve`: the HTTP service."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    config: Annotated[
        Path | None, typer.Argument(help="Settings as YAML; TOUCHSTONE_* variables stand over it.", metavar="[CONFIG]")
    ] = None,
) -> None:
    """Serve the HTTP interface until stopped."""
    from serve import app

    app.run(config)
