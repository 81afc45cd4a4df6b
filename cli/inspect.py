"""`touchstone inspect`: verdicts on photos, each a listing by itself."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_ALPHA, DEFAULT_DATA_DIR, INPUT_REFUSED, Alpha, AsJson, BundleDir, DataDir
from vision.errors import InputRefused, PhotoUnreadable

if TYPE_CHECKING:
    from rich.text import Text

    from index.store import Store
    from vision.inspection import Inspector
    from vision.verdict import Verdict


@dataclass(frozen=True)
class Inspected:
    """One photo: its verdict, or why it was refused."""

    path: Path
    seconds: float
    verdict: "Verdict | None" = None
    picture: bytes | None = None  # PNG: the listing beside its reference
    fault: InputRefused | None = None


def run(
    photos: Annotated[list[Path], typer.Argument(help="Listing photos.", metavar="PHOTO")],
    brand: Annotated[str | None, typer.Option("--brand", help="The brand that the listing claims.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    alpha: Alpha = DEFAULT_ALPHA,
    bundle: BundleDir = None,
    evidence: Annotated[
        Path | None, typer.Option("--evidence", help="Folder for the evidence pictures.", metavar="DIR")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whose mark each PHOTO shows, and if it diverges.

    Each photo is a listing by itself. One that is refused is a row with why, the others are inspected, and the exit
    code is 3.
    """
    from cli import composition
    from vision.policy import Policy

    with composition.opened(data) as store:
        claimed = _claimed(brand, store)
        inspector = composition.open_inspector(store, data, composition.open_bundle(bundle), Policy(alpha=alpha))
    with console.progress("inspecting") as advance:
        inspected = []
        for each in _inspect(photos, claimed, inspector, pictures=evidence is not None):
            inspected.append(each)
            advance(len(inspected), len(photos))
    if evidence is not None:
        _write_pictures(inspected, evidence)
    if as_json:
        console.write_json([as_row(each) for each in inspected])
    else:
        console.write_table(("photo", "decision", "brand", "score#", "p#", "n#", "why"), [_cells(e) for e in inspected])
    if any(each.fault is not None for each in inspected):
        raise typer.Exit(INPUT_REFUSED)


def _claimed(brand: str | None, store: "Store") -> str | None:
    """The claimed brand's id. Errors: `BrandNameInvalid`, `BrandUnknown`."""
    from index.reference_set import brand_id

    return None if brand is None else store.brand(brand_id(brand)).id


def _inspect(
    photos: Sequence[Path], claimed: str | None, inspector: "Inspector", pictures: bool
) -> Iterator[Inspected]:
    for path in photos:
        start = time.perf_counter()
        try:
            verdict, picture = _look(path, claimed, inspector, pictures)
        except InputRefused as fault:
            yield Inspected(path, time.perf_counter() - start, fault=fault)
        else:
            yield Inspected(path, time.perf_counter() - start, verdict, picture)


def _look(path: Path, claimed: str | None, inspector: "Inspector", picture: bool) -> "tuple[Verdict, bytes | None]":
    from vision import evidence
    from vision.photo import decode

    try:
        photo = decode(path.read_bytes())
    except OSError as fault:
        raise PhotoUnreadable(f"{path} cannot be read ({fault.strerror}); name a readable file") from fault
    verdict = inspector.inspect([photo], claimed)
    finding = next(iter(verdict.photos[0].regions), None)
    return verdict, evidence.picture(photo, finding, verdict) if picture and finding else None


def _write_pictures(inspected: Sequence[Inspected], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(inspected, 1):
        if each.picture is not None:
            (folder / f"{number:03d}-{each.path.stem}.png").write_bytes(each.picture)


def _cells(each: Inspected) -> "list[str | Text]":
    if each.verdict is None:
        return [str(each.path), console.decision_text("refused"), "-", "-", "-", "-", str(each.fault)]
    verdict = each.verdict
    return [
        str(each.path),
        console.decision_text(verdict.decision.value),
        verdict.brand or "-",
        console.number(verdict.score),
        console.number(verdict.rate.p_value, ".4f"),
        str(verdict.rate.n),
        "; ".join(reason.detail for reason in verdict.reasons),
    ]


def as_row(each: Inspected) -> dict[str, Any]:
    """The machine's form of one photo: the fields of the HTTP interface, with the path and an error in place."""
    head: dict[str, Any] = {"path": str(each.path), "seconds": round(each.seconds, 4)}
    if each.verdict is None:
        assert each.fault is not None
        return head | {"error": {"code": each.fault.code, "detail": str(each.fault)}}
    verdict, rate = each.verdict, each.verdict.rate
    return head | {
        "error": None,
        "decision": verdict.decision.value,
        "brand": verdict.brand,
        "score": verdict.score,
        "p_value": rate.p_value,
        "alpha": rate.alpha,
        "n": rate.n,
        "source": rate.source,
        "bound": rate.bound,
        "reasons": [{"code": r.code.value, "detail": r.detail, "box": r.box} for r in verdict.reasons],
        "regions": [
            {
                "box": finding.box,
                "brand": finding.brand,
                "divergence": finding.divergence,
                "nearest_reference": finding.nearest_reference,
                "recognition": finding.recognition,
                "source": finding.source,
            }
            for finding in verdict.photos[0].regions
        ],
        "gallery_version": verdict.gallery_version,
        "embedder": verdict.embedder,
    }
