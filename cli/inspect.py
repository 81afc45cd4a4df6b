"""`touchstone inspect`: verdicts on photos, each a listing by itself."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_ALPHA, DEFAULT_DATA_DIR, INPUT_REFUSED, Alpha, AsJson, BundleDir, DataDir, PrecisionName
from vision.errors import InputRefused, PhotoUnreadable

if TYPE_CHECKING:
    from rich.text import Text

    from index.store import Store
    from vision.calibration import Judge
    from vision.inspection import Inspector
    from vision.photo import Photo
    from vision.verdict import Verdict


@dataclass(frozen=True)
class Inspected:
    """One photo: its verdict, or why it was refused."""

    path: Path
    seconds: float
    verdict: "Verdict | None" = None
    fault: InputRefused | None = None


def run(
    photos: Annotated[list[Path], typer.Argument(help="Listing photos.", metavar="PHOTO")],
    brand: Annotated[str | None, typer.Option("--brand", help="The brand that the listing claims.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    alpha: Alpha = DEFAULT_ALPHA,
    bundle: BundleDir = None,
    precision: PrecisionName = None,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", help="Folder for the evidence: a picture and a page of each.", metavar="DIR"),
    ] = None,
    fdr: Annotated[
        float | None,
        typer.Option(
            "--fdr", min=0.0001, max=0.5, help="Flag by the batch instead: share of flags that may be of genuine ones."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whose mark each PHOTO shows, and if it diverges.

    Each photo is a listing by itself. One that is refused is a row with why, the others are inspected, and the exit
    code is 3.
    """
    from cli import composition
    from vision.batch import Nominating
    from vision.policy import Policy

    with composition.opened(data) as store:
        claimed = _claimed(brand, store)
        inspector = composition.open_inspector(
            store, data, composition.open_bundle(bundle, precision), Policy(alpha=alpha)
        )
    judge = inspector.calibration if fdr is None else Nominating(inspector.calibration)
    looking = inspector if fdr is None else inspector.without_lettering()
    with console.progress("inspecting") as advance:
        inspected = []
        for each in _inspect(photos, claimed, looking, judge):
            inspected.append(each)
            advance(len(inspected), len(photos))
    if fdr is not None:
        inspected = _decided_together(inspected, inspector, fdr)
        if inspector.lettering is not None:
            inspected = [_read(each, claimed, inspector, judge) for each in inspected]
    if evidence is not None:
        _write_evidence(inspected, evidence, claimed, fdr)
    if as_json:
        console.write_json([as_row(each, fdr) for each in inspected])
    else:
        console.write_table(COLUMNS, [_cells(each) for each in inspected])
    if any(each.fault is not None for each in inspected):
        raise typer.Exit(INPUT_REFUSED)


def _claimed(brand: str | None, store: "Store") -> str | None:
    """The claimed brand's id. Errors: `BrandNameInvalid`, `BrandUnknown`."""
    from index.reference_set import brand_id

    return None if brand is None else store.brand(brand_id(brand)).id


def _inspect(
    photos: Sequence[Path], claimed: str | None, inspector: "Inspector", judge: "Judge"
) -> Iterator[Inspected]:
    for path in photos:
        start = time.perf_counter()
        try:
            verdict = inspector.decide([inspector.recogniser.recognise(_photo(path), claimed)], claimed, judge)
        except InputRefused as fault:
            yield Inspected(path, time.perf_counter() - start, fault=fault)
        else:
            yield Inspected(path, time.perf_counter() - start, verdict)


def _photo(path: Path) -> "Photo":
    from vision.photo import decode

    try:
        return decode(path.read_bytes())
    except OSError as fault:
        raise PhotoUnreadable(f"{path} cannot be read ({fault.strerror}); name a readable file") from fault


def _decided_together(inspected: Sequence[Inspected], inspector: "Inspector", fdr: float) -> list[Inspected]:
    from vision.batch import decide_together

    verdicts = [each.verdict for each in inspected if each.verdict is not None]
    brands = [verdict.brand for verdict in verdicts if verdict.brand is not None]
    if len(set(brands)) < len(brands):
        console.note("several photos show one brand and are not independent: the rate is not proven for this batch")
    decided = iter(decide_together(verdicts, inspector, fdr))
    return [each if each.verdict is None else replace(each, verdict=next(decided)) for each in inspected]


def _read(each: Inspected, claimed: str | None, inspector: "Inspector", judge: "Judge") -> Inspected:
    """A flag that stands, looked at once more with its lettering read: reading is dear, and few flags stand."""
    from vision.verdict import Decision

    if each.verdict is None or each.verdict.decision is not Decision.DIVERGENT:
        return each
    (again,) = _inspect([each.path], claimed, inspector, judge)
    return (
        each if again.verdict is None else replace(each, verdict=replace(each.verdict, reasons=again.verdict.reasons))
    )


def _write_evidence(inspected: Sequence[Inspected], folder: Path, claimed: str | None, fdr: float | None) -> None:
    from vision import evidence
    from vision.evidence_page import Occasion, page

    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(inspected, 1):
        finding = next(iter(each.verdict.photos[0].regions), None) if each.verdict else None
        if each.verdict is not None and finding is not None:
            picture = evidence.picture(_photo(each.path), finding, each.verdict)
            file = folder / f"{number:03d}-{each.path.stem}.png"
            file.write_bytes(picture)
            occasion = Occasion([each.path.name], now, claimed, fdr=fdr)
            file.with_suffix(".html").write_text(page(each.verdict, occasion, picture), encoding="utf-8")


COLUMNS = ("photo", "decision", "brand", "score#", "p#", "n#", "source", "why")


def _cells(each: Inspected) -> "list[str | Text]":
    if each.verdict is None:
        return [str(each.path), console.decision_text("refused"), "-", "-", "-", "-", "-", str(each.fault)]
    verdict = each.verdict
    return [
        str(each.path),
        console.decision_text(verdict.decision.value),
        verdict.brand or "-",
        console.number(verdict.score),
        console.number(verdict.rate.p_value, ".4f"),
        str(verdict.rate.n),
        verdict.rate.source,
        "; ".join(reason.detail for reason in verdict.reasons),
    ]


def as_row(each: Inspected, fdr: float | None = None) -> dict[str, Any]:
    """The machine's form of one photo: the fields of the HTTP interface, with the path and an error in place.

    Decided by the batch, it has `fdr` and no `alpha`.
    """
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
        **({"alpha": rate.alpha} if fdr is None else {"fdr": fdr}),
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
                "source_score": finding.source_score,
            }
            for finding in verdict.photos[0].regions
        ],
        "gallery_version": verdict.gallery_version,
        "embedder": verdict.embedder,
    }
