"""`touchstone audit`: who changed what."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, OfOrganisation

if TYPE_CHECKING:
    from index.store import AuditLine

COLUMNS = ("organisation", "number", "at", "key", "action", "target", "detail")


def run(
    organisation: OfOrganisation = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many lines.")] = 100,
    before: Annotated[int | None, typer.Option("--before", help="Only lines before this number.", metavar="N")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Show the audit log, newest first: who changed what of the organisations'."""
    from cli import composition

    with composition.opened(data) as store:
        lines = [_told(line) for line in store.trail.of(organisation, before, limit)]
    if as_json:
        console.write_json(lines)
    else:
        console.write_table(COLUMNS, [[str(line[column]) for column in COLUMNS] for line in lines])


def _told(line: "AuditLine") -> dict[str, Any]:
    return vars(line) | {"at": line.at.isoformat(timespec="seconds")}
