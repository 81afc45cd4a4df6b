"""`touchstone rollout`: a brand's set as it is judges a share of listings, and an earlier version the others."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir
from vision.errors import RolloutAbsent

if TYPE_CHECKING:
    from index.store import Store


def run(
    brand: Annotated[str, typer.Argument(help="The brand.", metavar="BRAND")],
    share: Annotated[
        float | None,
        typer.Option(
            "--share", min=0, max=1, help="Of listings that the set as it is judges; begins one.", metavar="S"
        ),
    ] = None,
    baseline: Annotated[
        int | None, typer.Option("--baseline", min=0, help="Version that judges the others; the newest.", metavar="V")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of the draw; 0, or as it was.", metavar="N")
    ] = None,
    promote: Annotated[bool, typer.Option("--promote", help="End it: the set as it is judges all.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="End it: the set becomes the baseline again.")] = False,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Begin a roll-out of BRAND's set, give it another share or end it, and show what each version decided."""
    from cli import composition
    from index.reference_set import brand_id

    _require_one(share, baseline, seed, promote, abandon)
    with composition.opened(data) as store:
        name = store.brand(brand_id(brand)).id
        if share is not None:
            store.rollouts.put(name, share, baseline, seed)
        elif promote:
            store.rollouts.promote(name)
        elif abandon:
            store.rollouts.abandon(name)
        told = _told(store, name)
    if as_json:
        console.write_json({"brand": name, "rollout": told})
    else:
        _write(name, told)


def _require_one(share: float | None, baseline: int | None, seed: int | None, promote: bool, abandon: bool) -> None:
    if [share is not None, promote, abandon].count(True) > 1:
        raise typer.BadParameter("give one of them", param_hint="--share, --promote, --abandon")
    if share is None and (baseline, seed) != (None, None):
        raise typer.BadParameter("they go with --share", param_hint="--baseline, --seed")


def _told(store: "Store", brand: str) -> dict[str, Any] | None:
    """The one under way; None where there is none."""
    try:
        rollout = store.rollouts.of(brand)
    except RolloutAbsent:
        return None
    return {
        "baseline": rollout.baseline,
        "candidate": rollout.candidate,
        "share": rollout.share,
        "seed": rollout.seed,
        "started_at": rollout.started.isoformat(timespec="seconds"),
        "arms": [vars(each) for each in store.rollouts.counts(rollout)],
    }


def _write(brand: str, told: dict[str, Any] | None) -> None:
    if told is None:
        console.say(f"{brand}: no roll-out is under way")
        return
    share, candidate, baseline = told["share"], told["candidate"], told["baseline"]
    console.say(f"{brand}: version {candidate} judges {share:.1%} of listings, version {baseline} the others")
    columns = ("arm", "version", "listings", "recognised", "flagged", "undecided")
    rows = [[str(each[column]) for column in columns] for each in told["arms"]]
    console.write_table(("arm", *(f"{column}#" for column in columns[1:])), rows)
