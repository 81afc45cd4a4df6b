"""`touchstone versions`: the versions of a brand's reference set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, Force
from vision.errors import OutputExists, VersionUnknown

if TYPE_CHECKING:
    from index.store import Difference, Held, Restoration, SetVersion, Store


def run(
    brand: Annotated[str, typer.Argument(help="The brand.", metavar="BRAND")],
    at: Annotated[
        int | None, typer.Option("--at", help="The version to look at; the newest if left out.", metavar="V")
    ] = None,
    since: Annotated[int | None, typer.Option("--since", help="Tell what changed from this version on.")] = None,
    restore: Annotated[bool, typer.Option("--restore", help="Make the set what it was at the version --at.")] = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the version's photos into this zip.", metavar="FILE")
    ] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """List the versions of BRAND's reference set, compare two, write one as a zip, or go back to one."""
    from cli import composition
    from index.reference_set import brand_id

    with composition.opened(data) as store:
        name = store.brand(brand_id(brand)).id
        if restore:
            told = _restored(store, name, at)
        elif save is not None:
            told = _saved(store, name, _newest(store, name) if at is None else at, save, force)
        elif since is not None or at is not None:
            told = _compared(store, name, since, _newest(store, name) if at is None else at)
        else:
            told = _listed(store, name)
    if as_json:
        console.write_json(told)
    else:
        _write(told)


def _newest(store: "Store", brand: str) -> int:
    versions = store.versions.of(brand)
    if not versions:
        raise VersionUnknown(f"the set of brand {brand!r} has no version yet; enrol photos first")
    return versions[0].version


def _listed(store: "Store", brand: str) -> dict[str, Any]:
    return {"brand": brand, "versions": [_version(version) for version in store.versions.of(brand)]}


def _compared(store: "Store", brand: str, since: int | None, at: int) -> dict[str, Any]:
    """The whole set where `since` is None: all of it came since there was none."""
    difference: Difference = store.versions.difference(brand, since, at)
    changed = {
        "added": [_held(each) for each in difference.added],
        "removed": [_held(each) for each in difference.removed],
    }
    return {"brand": brand, "since": since, "version": at, **changed}


def _saved(store: "Store", brand: str, at: int, file: Path, force: bool) -> dict[str, Any]:
    from index.set_archive import archive

    if file.exists() and not force:
        raise OutputExists(f"{file} is there already; name another, or write over it with --force")
    held = store.versions.set_at(brand, at)
    with file.open("wb") as out:
        out.writelines(archive(store, brand, at, held))
    return {"brand": brand, "version": at, "saved": str(file), "references": len(held)}


def _restored(store: "Store", brand: str, at: int | None) -> dict[str, Any]:
    if at is None:
        raise typer.BadParameter("name the version to go back to with --at", param_hint="--restore")
    done: Restoration = store.versions.restore(brand, at)
    counts = {"brought_back": done.brought_back, "set_aside": done.set_aside, "lost": [r.id for r in done.lost]}
    return {"brand": brand, "version": done.version, "restored": at, **counts}


def _version(version: "SetVersion") -> dict[str, Any]:
    return {
        "version": version.version,
        "created_at": version.created.isoformat(timespec="seconds"),
        "action": version.action,
        "added": version.added,
        "removed": version.removed,
        "references": version.held,
        "restored": version.restored,
    }


def _held(held: "Held") -> dict[str, Any]:
    return {"id": held.reference.id, "name": held.reference.name, "withdrawn": held.withdrawn}


def _write(told: dict[str, Any]) -> None:
    if "versions" in told:
        columns = ("version#", "created_at", "action", "added#", "removed#", "references#", "restored#")
        rows = [[_cell(version[column.removesuffix("#")]) for column in columns] for version in told["versions"]]
        console.write_table([column.replace("_at", "") for column in columns], rows)
    elif "added" in told:
        for sign, key in (("+", "added"), ("-", "removed")):
            for each in told[key]:
                console.say(f"{sign} {each['id']}  {each['name']}" + ("  (withdrawn)" if each["withdrawn"] else ""))
    elif "saved" in told:
        console.say(f"version {told['version']} of {told['brand']}: {told['references']} references in {told['saved']}")
    else:
        lost = f"; {len(told['lost'])} were withdrawn and are lost" if told["lost"] else ""
        console.say(f"{told['brought_back']} brought back, {told['set_aside']} set aside{lost}")


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
