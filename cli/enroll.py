"""`touchstone enroll`: reference sets from a folder a brand."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, INPUT_REFUSED, AsJson, BundleDir, DataDir, PrecisionName

if TYPE_CHECKING:
    from index.reference_set import Admission, FileResult


def run(
    root: Annotated[
        Path, typer.Argument(help="Folder that holds a folder a brand: ROOT/<brand>/*.jpg", metavar="ROOT")
    ],
    data: DataDir = DEFAULT_DATA_DIR,
    bundle: BundleDir = None,
    precision: PrecisionName = None,
    as_json: AsJson = False,
) -> None:
    """Enrol the genuine photos under ROOT.

    Each brand is durable when it is done, and searchable at the end. Photos that are there already are left as they
    are. A photo that is refused is told with why, the others are enrolled, and the exit code is 3.
    """
    from cli import composition
    from index.folder import brand_folders
    from vision.embedder import OnnxEmbedder

    folders = brand_folders(root)
    embedder = OnnxEmbedder(composition.open_bundle(bundle, precision))
    with composition.opened(data) as store:
        admissions = composition.enrol(store, folders)
        gallery = composition.build_gallery(store, data, embedder)
    if as_json:
        brands = [{"brand": brand, "files": _files(admission)} for brand, admission in admissions.items()]
        console.write_json({"gallery_version": gallery.version, "brands": brands})
    else:
        _write(admissions)
        console.say(f"{len(gallery.brands)} brands are searchable in {data}")
    if any(_refused(admission) for admission in admissions.values()):
        raise typer.Exit(INPUT_REFUSED)


def _write(admissions: "Mapping[str, Admission]") -> None:
    columns = ("brand", "added#", "near duplicates#", "duplicates#", "refused#", "notes")
    console.write_table(columns, [_row(brand, admission) for brand, admission in admissions.items()])
    for brand, admission in admissions.items():
        for result in _refused(admission):
            console.complain(f"{brand}/{result.name}: {result.fault}")


def _row(brand: str, admission: "Admission") -> list[str]:
    from index.reference_set import Status

    statuses = [result.status for result in admission.results]
    counts = [statuses.count(status) for status in (Status.NEAR_DUPLICATE, Status.DUPLICATE, Status.REFUSED)]
    notes = [note.value for result in admission.results for note in result.notes]
    told = ", ".join(f"{notes.count(note)} {note}" for note in sorted(set(notes)))
    return [brand, str(len(admission.additions)), *map(str, counts), told]


def _refused(admission: "Admission") -> "list[FileResult]":
    return [result for result in admission.results if result.fault is not None]


def _files(admission: "Admission") -> list[dict[str, Any]]:
    """The fields of the HTTP interface."""
    return [
        {
            "name": result.name,
            "status": result.status.value,
            "reference": result.reference,
            "resembles": result.resembles,
            "notes": [note.value for note in result.notes],
            "error": None if result.fault is None else {"code": result.fault.code, "detail": str(result.fault)},
        }
        for result in admission.results
    ]
