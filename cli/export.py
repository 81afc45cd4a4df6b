"""`touchstone export`: a model bundle from a training run or a named model."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, extra


def run(
    source: Annotated[
        str, typer.Argument(help="Folder of a training run, or the name of a model.", metavar="RUN_OR_MODEL")
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write the bundle to.", metavar="DIR")],
) -> None:
    """Export a model to ONNX, as a bundle."""
    with extra.needed("export"):
        from training import export

        bundle = export.run(source, out)
    console.say(f"exported to {bundle}")
