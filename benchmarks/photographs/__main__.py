"""Real photographs of real marks, answered as serving would: counts with intervals, and pictures to look at by eye.

`python -m benchmarks.photographs OUT --data DIR` enrols brands from photographs of DIR, inspects others of them, and
writes OUT/photographs.csv and OUT/evidence/*.png. Nothing of DIR is fit to publish: keep OUT to yourself.
"""

import argparse
import os
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.forgery.run import Bars, measured_by
from benchmarks.forgery.tally import machine
from benchmarks.photographs.answer import Answer, answer
from benchmarks.photographs.tables import brand_table, phone_table, wild_table, write_csv
from benchmarks.photographs.trial import Budget, phone, wild
from index.folder import brand_folders
from vision.bundle import Bundle, carried
from vision.policy import Policy
from vision.verdict import Decision


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    return measured_by(lambda console: _run(asked, console))


def _run(asked: argparse.Namespace, console: Console) -> None:
    started, bundle = time.process_time(), Bundle.open(asked.bundle or carried())
    budget = Budget(**{name: getattr(asked, name) for name in vars(Budget())})
    policy = Policy(candidate_templates=asked.candidate_templates, candidate_brands=asked.candidate_brands)
    for stale in ("references", "evidence"):
        shutil.rmtree(asked.out / stale, ignore_errors=True)
    crowd = {} if asked.crowd is None else brand_folders(asked.crowd)
    trials = [wild(asked.data, asked.out / "references", budget).among(crowd), phone(asked.data, budget)]
    bars = Bars(console)
    with bars.progress:
        in_the_wild, on_phone = (answer(bundle, trial, policy, bars.tell) for trial in trials)
    every = [*in_the_wild.answers, *on_phone.answers]
    write_csv(every, asked.out / "photographs.csv")
    write_pictures(every, asked.out / "evidence", asked.pictures)
    page = Console(width=max(170, console.width))
    for table in (wild_table(in_the_wild.answers), brand_table(in_the_wild), phone_table(on_phone.answers)):
        page.print(table)
    refused = sum(bool(one.error) for one in every)
    spent = f"{time.process_time() - started:.0f} s of CPU, {os.environ.get('OMP_NUM_THREADS', 'all')} threads"
    page.print(f"{len(every)} photographs, {refused} refused; bundle {bundle.spec.name}; {machine()}; {spent}")


def write_pictures(found: Sequence[Answer], folder: Path, most: int) -> None:
    """The evidence of at most so many answers of a kind, those furthest from the operating point first."""
    kinds: dict[str, list[Answer]] = defaultdict(list)
    for one in sorted(found, key=lambda one: -abs(one.recognition or 0.0)):
        if one.picture is not None:
            kinds[_kind(one)].append(one)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, several in kinds.items():
        for rank, one in enumerate(several[:most]):
            name = f"{kind}-{rank:02d}-{one.listing.slices['slice']}-{one.listing.file.stem}.png"
            (folder / name.replace(" ", "-")).write_bytes(one.picture or b"")


def _kind(one: Answer) -> str:
    flagged = "-flagged" if one.decided(0.05, Decision.DIVERGENT) else ""
    return f"{one.trial}-{one.listing.label}-{one.outcome}{flagged}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.photographs",
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add, budget = parser.add_argument, Budget()
    add("out", type=Path, help="folder for the table and the pictures; an earlier run's are replaced")
    add("--data", type=Path, required=True, help="folder of wild_logos, storefronts, phone_captures, consumer_brands")
    add("--bundle", type=Path, help="the carried one if left out")
    add("--crowd", type=Path, help="folder of more brands to enrol in the wild, as benchmarks.scenes leaves one")
    add("--references", type=int, default=budget.references, help="photographs enrolled a brand, in the wild")
    add("--listings", type=int, default=budget.listings, help="photographs inspected a brand, in the wild")
    add("--unrelated", type=int, default=budget.unrelated, help="photographs of no logo, and as many storefronts")
    add("--frames", type=int, default=budget.frames, help="phone frames a scene")
    add("--cropped", action="store_true", help="crop the listings in the wild to their mark, as a detector would")
    add("--candidate-templates", type=int, default=Policy().candidate_templates, help="marks tried a brand")
    add("--candidate-brands", type=int, default=Policy().candidate_brands, help="brands tried, nearest first")
    add("--pictures", type=int, default=12, help="pictures written a kind of answer")
    add("--seed", type=int, default=budget.seed)
    return parser


if __name__ == "__main__":
    sys.exit(main())
