"""The `touchstone` program: its commands, and where faults become exit codes."""

import sys
import traceback
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Annotated

import typer

from cli import (
    audit,
    benchmark,
    calibrate,
    console,
    demo,
    enroll,
    evaluate,
    export,
    inspect,
    keys,
    migrate,
    negatives,
    organisations,
    rescans,
    rollout,
    serve,
    switch,
    train,
    upload,
    versions,
)
from vision.errors import TouchstoneError
from vision.version import version

_debug: ContextVar[bool] = ContextVar("debug", default=False)

app = typer.Typer(
    name="touchstone",
    help="Finds a brand's mark in listing photos and says whether it diverges from the genuine references.",
    epilog="Exit codes: 0 done, whatever was decided; 2 wrong usage or configuration; 3 input refused; 1 our fault.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        console.say(f"touchstone {version()}")
        raise typer.Exit


Debug = Annotated[bool, typer.Option("--debug", help="Show where a fault arose.")]
Version = Annotated[
    bool, typer.Option("--version", help="Show the version and leave.", is_eager=True, callback=_show_version)
]


@app.callback()
def options(debug: Debug = False, show_version: Version = False) -> None:
    """Options that stand before the command."""
    _debug.set(debug)


for command in (
    demo,
    serve,
    enroll,
    upload,
    calibrate,
    inspect,
    evaluate,
    train,
    export,
    benchmark,
    migrate,
    versions,
    switch,
    negatives,
    rollout,
    rescans,
    audit,
):
    app.command(name=command.__name__.rpartition(".")[2])(command.run)
for several in (organisations, keys):
    app.add_typer(several.group)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program on its arguments, the process's own if none are given, and leave with its exit code."""
    try:
        app(arguments, prog_name="touchstone")
    except TouchstoneError as fault:
        notes = getattr(fault, "__notes__", ())  # for whoever runs the program: where, and what a library said
        _leave("\n  ".join([f"{fault.code}: {fault}", *notes]), fault.exit_code)
    except Exception as fault:
        _leave(f"this is our fault, please report it: {type(fault).__name__}: {fault}", 1)


def _leave(message: str, exit_code: int) -> None:
    if _debug.get():
        traceback.print_exc()
    console.complain(message)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
