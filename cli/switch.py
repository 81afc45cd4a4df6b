"""`touchstone switch`: single references of a brand's set off and on."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir

if TYPE_CHECKING:
    from index.store import Store


def run(
    brand: Annotated[str, typer.Argument(help="The brand.", metavar="BRAND")],
    off: Annotated[
        list[str] | None, typer.Option("--off", help="Take this reference out; may be repeated.", metavar="ID")
    ] = None,
    on: Annotated[list[str] | None, typer.Option("--on", help="Put this reference back; may be repeated.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Switch references of BRAND off or on, and list those that are off or quarantined, and why."""
    from cli import composition
    from index.reference_set import brand_id

    with composition.opened(data) as store:
        name = store.brand(brand_id(brand)).id
        for reference in off or ():
            store.switches.off(name, reference)
        for reference in on or ():
            store.switches.on(name, reference)
        told = _told(store, name)
    if as_json:
        console.write_json({"brand": name, "standings": told})
    else:
        console.write_records(told)


def _told(store: "Store", brand: str) -> list[dict[str, Any]]:
    return [
        {
            "reference": each.id,
            "standing": each.standing,
            "since": each.since.isoformat(timespec="seconds"),
            "detail": each.detail,
        }
        for each in store.switches.standings(brand)
    ]
