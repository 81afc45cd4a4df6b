"""`touchstone negatives`: marks that a brand knows and does not want flagged."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, INPUT_REFUSED, AsJson, DataDir

if TYPE_CHECKING:
    from index.reference_set import FileResult
    from index.store import Store


def run(
    brand: Annotated[str, typer.Argument(help="The brand.", metavar="BRAND")],
    photos: Annotated[list[Path] | None, typer.Argument(help="Photos to add.", metavar="[PHOTO]...")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Of the photos: licensed, former, parody or other_owner.", metavar="K")
    ] = None,
    withdraw: Annotated[
        list[str] | None, typer.Option("--withdraw", help="Forget this one for good; may be repeated.", metavar="ID")
    ] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Add photos of marks that are not to be flagged as BRAND's, withdraw some, and list those there are."""
    from cli import composition
    from index.reference_set import brand_id

    with composition.opened(data) as store:
        name = store.brand(brand_id(brand)).id
        for negative in withdraw or ():
            store.negatives.withdraw(name, negative)
        results = _added(store, name, photos, kind) if photos else ()
        told = _told(store, name)
    refused = [result for result in results if result.fault is not None]
    for result in refused:
        console.complain(f"{result.name}: {result.fault}")
    if as_json:
        console.write_json({"brand": name, "negatives": told})
    else:
        console.write_records(told)
    if refused:
        raise typer.Exit(INPUT_REFUSED)


def _added(store: "Store", brand: str, photos: list[Path], kind: str | None) -> "tuple[FileResult, ...]":
    from index.negative_set import kind_of, take_in
    from index.reference_set import receive

    missing = next((photo for photo in photos if not photo.is_file()), None)
    if missing is not None:
        raise typer.BadParameter(f"{missing} is no file", param_hint="PHOTO")
    known = kind_of(kind)
    received = [receive(photo.name, photo.read_bytes()) for photo in photos]
    return take_in(store, brand, known, received).admission.results


def _told(store: "Store", brand: str) -> list[dict[str, Any]]:
    return [
        {
            "negative": each.photo.id,
            "kind": each.kind,
            "name": each.photo.name,
            "added": each.photo.added.isoformat(timespec="seconds"),
        }
        for each in store.negatives.of(brand)
    ]
