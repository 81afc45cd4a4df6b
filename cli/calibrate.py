"""`touchstone calibrate`: brands' own genuine scores, and what may be said with them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, INPUT_REFUSED, AsJson, BundleDir, DataDir, Force, PrecisionName
from vision.errors import OutputExists

if TYPE_CHECKING:
    from cli.standing import Source, Standing
    from index.audit import Audited
    from index.gallery import Gallery
    from index.genuine import Scored
    from index.store import ScoreSet, Store
    from vision.inspection import Inspector


def run(
    data: DataDir = DEFAULT_DATA_DIR,
    listings: Annotated[
        Path | None,
        typer.Option(
            "--listings",
            help="Random sample of confirmed-genuine listings: folder <brand>/*.jpg, or table path,brand[,listing].",
            metavar="PATH",
        ),
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Photograph the references anew by the camera model.")
    ] = False,
    brand: Annotated[str | None, typer.Option("--brand", help="Only this brand.")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Drop own scores: the brand's, or all.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for report.json and index.html.", metavar="DIR")
    ] = None,
    bundle: BundleDir = None,
    precision: PrecisionName = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the simulated photographs.")] = 0,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Score genuine photos of brands, to judge by.

    The scores are kept in the data folder, and `inspect` and `serve` judge by them from then on. Without --listings
    and --simulate it tells how brands stand. A photo that is refused is told with why, and the exit code is 3.
    """
    from cli import composition
    from vision.policy import Policy

    _claim(out, force)
    with composition.opened(data) as store:
        if forget:
            _forget(store, brand)
            return
        opened_bundle = composition.open_bundle(bundle, precision)
        inspector, gallery = composition.open_bare(store, data, opened_bundle, Policy())
        chosen = _chosen(brand, gallery)
        audited = _audited(listings, chosen, gallery)
        scored = []
        for each in _score(inspector, store, gallery, audited, chosen if simulate else (), seed):
            _keep(each, store, inspector, gallery)
            scored.append(each)
        kept = store.scores()
        shown = chosen if brand is not None else _touched(chosen, (*kept, *scored))
        standings = _standings(kept, scored, shown, inspector, gallery)
    report = {
        "bundle": opened_bundle.spec.name,
        "scorer": inspector.recogniser.scorer.fingerprint,
        "brands": [standing.as_json() for standing in standings],
        "pooled_only": len(chosen) - len(shown),
    }
    _tell(report, standings, as_json, out)
    if any(standing.refused for standing in standings):
        raise typer.Exit(INPUT_REFUSED)


def _claim(out: Path | None, force: bool) -> None:
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())) and not force:
        raise OutputExists(
            f"{out} already holds something; give another folder with --out, or --force to write over it"
        )


def _forget(store: "Store", brand: str | None) -> None:
    from index.reference_set import brand_id

    change = store.forget_scores(None if brand is None else brand_id(brand))
    console.say(f"{change.count} sets of own scores are dropped")


def _chosen(brand: str | None, gallery: "Gallery") -> tuple[str, ...]:
    """The brands asked for. Errors: `BrandNameInvalid`, `BrandUnknown`."""
    from index.reference_set import brand_id

    if brand is None:
        return gallery.brands
    chosen = brand_id(brand)
    gallery.templates(chosen)  # refuses one that has no references
    return (chosen,)


def _touched(chosen: Sequence[str], scores: "Iterable[ScoreSet | Scored]") -> tuple[str, ...]:
    """Those of the chosen brands that have scores of their own, or were just tried; the others are many, and alike."""
    touched = {each.brand for each in scores}
    return tuple(brand for brand in chosen if brand in touched)


def _audited(listings: Path | None, chosen: Collection[str], gallery: "Gallery") -> "Mapping[str, Sequence[Audited]]":
    """Listings of the chosen brands; those of others are left aside."""
    from index.audit import read

    found = {} if listings is None else read(listings, gallery.brands)
    return {brand: several for brand, several in found.items() if brand in chosen}


def _score(
    inspector: "Inspector",
    store: "Store",
    gallery: "Gallery",
    audited: "Mapping[str, Sequence[Audited]]",
    simulated: Sequence[str],
    seed: int,
) -> "Iterator[Scored]":
    """Brand after brand, listings before simulated photographs, with a progress bar."""
    from index import genuine

    able = [brand for brand in simulated if inspector.recogniser.enrolled(brand) > 1]
    for brand in sorted(set(simulated) - set(able)):
        console.note(f"{brand} has one reference, which leaves none to hold it against: pooled scores apply to it")
    with console.progress("scoring") as advance:
        for done, (brand, listings) in enumerate(audited.items(), 1):
            yield genuine.score_listings(inspector.recogniser, store, brand, listings)
            advance(done, len(audited) + len(able))
        for done, brand in enumerate(able, len(audited) + 1):
            yield genuine.simulate(inspector.recogniser, store, gallery, brand, seed)
            advance(done, len(audited) + len(able))


def _keep(scored: "Scored", store: "Store", inspector: "Inspector", gallery: "Gallery") -> None:
    """Make a brand's scores durable, in place of its earlier ones from this source."""
    from index.store import ScoreSet

    if not scored.values:
        console.note(f"{scored.brand}: none of {scored.photographs} photos would be judged, so none has a score")
        return
    kept = ScoreSet(
        brand=scored.brand,
        source=scored.source,
        scorer=inspector.recogniser.scorer.fingerprint,
        made_from=gallery.made_from(scored.brand),
        photographs=scored.photographs,
        scores=scored.values,
        created=datetime.now(UTC),
    )
    store.put_scores([kept])


def _standings(
    kept: "Sequence[ScoreSet]",
    scored: "Sequence[Scored]",
    shown: Sequence[str],
    inspector: "Inspector",
    gallery: "Gallery",
) -> "list[Standing]":
    """How each of these brands stands now; scores of another scorer are shown, and not used."""
    from cli.standing import standing
    from index.own_scores import fitting

    usable = [each for each in kept if each.scorer == inspector.recogniser.scorer.fingerprint]
    calibrated = inspector.with_own(fitting(usable, gallery))
    return [standing(brand, kept, scored, calibrated, gallery) for brand in shown]


def _tell(report: Mapping[str, Any], standings: "Sequence[Standing]", as_json: bool, out: Path | None) -> None:
    from cli import pages

    page = None if out is None else pages.calibration(report, out)
    for standing in standings:
        for _, fault in standing.refused:
            console.complain(str(fault))
    if as_json:
        console.write_json(report)
        return
    if standings:
        _write_table(standings)
    if report["pooled_only"]:
        console.say(f"without scores of their own, and judged by pooled ones: {report['pooled_only']}")
    if page is not None:
        console.say(f"\nthe whole account: {page}")


COLUMNS = ("brand", "source", "n#", "effective n#", "above, 1%#", "bound#", "above, 5%#", "bound#", "what may be said")


def _write_table(standings: "Sequence[Standing]") -> None:
    rows = [
        (
            standing.brand if place == 0 else "",
            source.genuine.source,
            str(source.photographs),
            str(len(source.genuine.values)),
            *_cells(source),
            source.words,
        )
        for standing in standings
        for place, source in enumerate(standing.sources)
    ]
    console.write_table(COLUMNS, rows)


def _cells(source: "Source") -> list[str]:
    return [
        cell
        for threshold in source.thresholds.values()
        for cell in (
            ("too few", "-")
            if threshold is None
            else (console.number(threshold.above), console.number(threshold.bound, ".2%"))
        )
    ]
