"""Options that several commands share, so that they read and mean the same everywhere."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from vision.bundle import Precision
from vision.errors import ConfigurationError

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
PrecisionName = Annotated[
    str | None,
    typer.Option(
        "--precision",
        envvar="TOUCHSTONE_PRECISION",
        help="Which of the bundle's precisions; the one its spec serves if left out.",
        metavar="P",
    ),
]
Alpha = Annotated[
    float, typer.Option("--alpha", min=0.0001, max=0.5, help="Share of genuine listings that may be flagged.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for machines on stdout instead of a table.")]
OfOrganisation = Annotated[
    str | None,
    typer.Option("--organisation", help="Whose; every one, or the operator for what is made, if left out."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over results that are already there.")]

DEFAULT_DATA_DIR = Path("data")
DEFAULT_ALPHA = 0.01
INPUT_REFUSED = 3  # exit code where something of several was refused and the rest was done


def precision_of(word: str | None) -> Precision | None:
    """The precision that a word names. Errors: `ConfigurationError` with the choices."""
    known: tuple[Precision, ...] = get_args(Precision)
    if word is None or word in known:
        return next((precision for precision in known if precision == word), None)
    raise ConfigurationError(f"there is no precision {word!r}; choose from {', '.join(known)}")
