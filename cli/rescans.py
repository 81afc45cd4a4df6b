"""`touchstone rescans`: past inspections looked at again since a brand's set changed, and those decided otherwise."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, OfOrganisation

if TYPE_CHECKING:
    from index.store import Rescan, Revision

_MOST = 1000


def run(
    brand: Annotated[str, typer.Argument(help="The brand whose changes are asked for.", metavar="BRAND")],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=_MOST, help="Newest revisions to look among, of each.", metavar="N")
    ] = 100,
    organisation: OfOrganisation = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """List the rescans for changes of BRAND, and the inspections that they decided otherwise."""
    from cli import composition
    from index.reference_set import brand_id

    with composition.opened(data) as store:
        name = store.brand(brand_id(brand)).id
        told = [_rescan(each) for each in store.rescans.of(name)]
        whose = [organisation] if organisation else [each.id for each in store.organisations.all()]
        newest = [each for one in whose for each in store.revisions.page(one, limit)]
    revised = [_revision(each) for each in newest if each.changed == name]
    if as_json:
        console.write_json({"brand": name, "rescans": told, "revisions": revised})
    else:
        console.write_records(told)
        console.write_records(revised)


def _rescan(rescan: "Rescan") -> dict[str, Any]:
    return {
        "version": str(rescan.version),
        "cause": rescan.cause,
        "ordered_at": rescan.created.isoformat(timespec="seconds"),
        "state": rescan.state,
        "fault": rescan.fault or "",
    }


def _revision(revision: "Revision") -> dict[str, Any]:
    return {
        "inspection": revision.inspection,
        "revised_at": revision.created.isoformat(timespec="seconds"),
        "cause": revision.cause,
        "was": revision.old_decision,
        "was_brand": revision.old_brand or "",
        "is": revision.decision,
        "is_brand": revision.brand or "",
    }
