"""`touchstone upload`: a folder or a zip of photos, sent to a service."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import console
from cli.options import INPUT_REFUSED, AsJson
from vision.errors import ConfigurationError, ServiceFailed

KEY_VARIABLE = "TOUCHSTONE_KEY"  # a key on the command line would be in everybody's list of processes


def run(
    source: Annotated[Path, typer.Argument(help="Folder or zip of one brand's photos.", metavar="FOLDER|ZIP")],
    brand: Annotated[str, typer.Option("--brand", help="Whose photos they are.", metavar="B")],
    url: Annotated[str, typer.Option("--url", envvar="TOUCHSTONE_URL", help="Of the service.", metavar="U")],
    accept: Annotated[str, typer.Option("--accept", help="Doubt to waive: other_brand.", metavar="DOUBT")] = "",
    batch: Annotated[int, typer.Option("--batch", min=1, max=200, help="Files a request, at most.", metavar="N")] = 50,
    as_json: AsJson = False,
) -> None:
    """Send the photos under FOLDER, or in ZIP, to a service; the key is read from TOUCHSTONE_KEY.

    Stopped at any moment and started again, it sends what the service has not got. A file that is refused is told with
    why, the others are kept, and the exit code is 3.
    """
    from cli.upload_source import opened
    from cli.uploader import Uploader
    from index.reference_set import brand_id

    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise ConfigurationError(f"no API key; put one with the scopes references:read and :write into {KEY_VARIABLE}")
    named = brand_id(brand)
    with Uploader.at(url, key, named, accept, batch) as uploader, opened(source) as photos:
        with console.progress(f"uploading to {named}") as advance:
            files = uploader.upload(photos, advance)
        sent = uploader.sent
    if as_json:
        console.write_json({"brand": named, "sent": sent, "files": files})
    else:
        _write(named, files, sent)
    _leave(files)


def _write(brand: str, files: list[dict[str, Any]], sent: int) -> None:
    console.write_table(("file", "result", "reference", "notes"), [_row(each) for each in files])
    counts = Counter(each["status"] for each in files)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    console.say(f"{brand}: {told}; {sent} of {len(files)} files were sent")
    for each in files:
        if each["error"] is not None:
            console.complain(f"{each['name']}: {each['error']['code']}: {each['error']['detail']}")


def _row(file: dict[str, Any]) -> list[str]:
    notes = list(file["notes"])
    if file["resembles"]:
        notes.insert(0, f"resembles {file['resembles']}")
    if file["error"] is not None:
        notes.append(file["error"]["code"])
    return [file["name"], file["status"], file["reference"] or "-", ", ".join(notes)]


def _leave(files: list[dict[str, Any]]) -> None:
    statuses = Counter(each["status"] for each in files)
    if statuses["failed"]:
        raise ServiceFailed(f"the service could not look at {statuses['failed']} files; run the same again later")
    if statuses["refused"]:
        raise typer.Exit(INPUT_REFUSED)
