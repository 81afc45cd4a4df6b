"""Options that several commands share, so that they read and mean the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path,
    typer.Option("--data", envvar="TOUCHSTONE_DATA_DIR", help="Folder of the store and its gallery.", metavar="DIR"),
]
BundleDir = Annotated[
    Path | None,
    typer.Option(
        "--bundle", envvar="TOUCHSTONE_BUNDLE", help="Model bundle; the carried one if left out.", metavar="DIR"
    ),
]
Alpha = Annotated[
    float, typer.Option("--alpha", min=0.0001, max=0.5, help="Share of genuine listings that may be flagged.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for machines on stdout instead of a table.")]
Force = Annotated[bool, typer.Option("--force", help="Write over results that are already there.")]

DEFAULT_DATA_DIR = Path("data")
DEFAULT_ALPHA = 0.01
INPUT_REFUSED = 3  # exit code where something of several was refused and the rest was done
