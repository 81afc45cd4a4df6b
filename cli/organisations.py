"""`touchstone organisations`: who shares a store, and whose brand is whose."""

from typing import Annotated

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir

group = typer.Typer(
    name="organisations", help="Take in organisations, list them, give them brands.", no_args_is_help=True
)

OrganisationId = Annotated[str, typer.Argument(help="The organisation's id.", metavar="ORGANISATION")]


@group.command()
def create(
    organisation: OrganisationId,
    name: Annotated[str | None, typer.Option("--name", help="As people write it; the id if left out.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take in an organisation, or rename it."""
    from cli import composition
    from index.organisation import organisation_id

    with composition.opened(data) as store:
        made = store.organisations.put(organisation_id(organisation), name)
    console.say(f"organisation {made.id} ({made.name})")


@group.command("list")
def list_organisations(data: DataDir = DEFAULT_DATA_DIR, as_json: AsJson = False) -> None:
    """List the organisations and their brands."""
    from cli import composition

    with composition.opened(data) as store:
        organisations, brands = store.organisations.all(), store.brands()
    told = [
        {
            "organisation": each.id,
            "name": each.name,
            "created_at": each.created.isoformat(timespec="seconds"),
            "brands": [brand.id for brand in brands if brand.organisation == each.id],
        }
        for each in organisations
    ]
    if as_json:
        console.write_json(told)
    else:
        rows = [[str(t["organisation"]), str(t["name"]), ", ".join(t["brands"]) or "-"] for t in told]
        console.write_table(("organisation", "name", "brands"), rows)


@group.command()
def give(
    organisation: OrganisationId,
    brand: Annotated[str, typer.Argument(help="The brand, enrolled by this where it is not.", metavar="BRAND")],
    data: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make BRAND the organisation's, with its references and versions; its old owner's keys reach it no more."""
    from cli import composition
    from index.reference_set import brand_id

    with composition.opened(data) as store:
        given = store.put_brand(brand_id(brand), organisation=organisation)
    console.say(f"brand {given.id} is {given.organisation}'s")
