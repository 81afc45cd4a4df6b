"""Whole listing scenes, answered end to end: brands recognised, strangers left alone, forgeries told apart.

`python -m benchmarks.scenes OUT --data DIR --crowd DIR` composes scenes with the emblems of DIR (kept in OUT/trial)
and evaluates them three times, as `touchstone evaluate` does: whole, cropped to the listed mark, and whole against a
gallery of a thousand brands. Writes OUT/<run>/ (scores, report, evidence) and prints tables.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.forgery.run import Bars, measured_by
from benchmarks.forgery.tally import machine
from benchmarks.scenes.tables import sliced, summary
from benchmarks.scenes.trial import Trial
from training import evaluate
from training.evaluate import Outcome
from training.synthesis.scene_plan import ScenePlan


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; answers the exit code."""
    asked = _parser().parse_args(arguments)
    return measured_by(lambda console: _run(asked, console))


def _run(asked: argparse.Namespace, console: Console) -> None:
    started, bars, trial = time.process_time(), Bars(console), Trial(asked.out / "trial")
    plan = ScenePlan(asked.brands, scenes=asked.scenes, unrelated=asked.unrelated, seed=asked.seed)
    with bars.progress:
        trial.compose(asked.artwork or asked.data / "emblems", plan, bars.drain)
        if asked.crowd:
            trial.gather(asked.crowd, asked.data, asked.crowd_brands, bars.drain)
        runs = {name: _evaluated(name, *parts, asked, bars) for name, parts in _runs(asked, trial)}
    page = Console(width=max(220, console.width))
    page.print(summary(runs))
    page.print(sliced(runs))
    spent = f"{time.process_time() - started:.0f} s of CPU, {os.environ.get('OMP_NUM_THREADS', 'all')} threads"
    page.print(f"{plan.scenes + plan.unrelated} scenes, alpha {asked.alpha:g}; {machine()}; {spent}")


def _runs(asked: argparse.Namespace, trial: Trial) -> Iterator[tuple[str, tuple[Path, Path]]]:
    """Name, references and listings of each run."""
    yield f"{asked.brands} brands", (trial.references, trial.listings)
    yield f"{asked.brands} brands, cropped", (trial.references, trial.cropped)
    if asked.crowd:
        yield f"{asked.brands + asked.crowd_brands} brands", (trial.crowd, trial.listings)


def _evaluated(
    name: str, references: Path, listings: Path, asked: argparse.Namespace, bars: Bars
) -> tuple[Outcome, ...]:
    out = asked.out / name.replace(",", "").replace(" ", "-")
    tell = lambda stage, done, total: bars.tell(f"{name}: {stage}", done, total)  # noqa: E731
    ran = evaluate.run(references, listings, out, asked.alpha, asked.bundle, asked.seed, force=True, progress=tell)
    return ran.outcomes


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scenes",
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("out", type=Path, help="folder for scenes and results; scenes of an earlier run are used again")
    add("--data", type=Path, required=True, help="folder of emblems, and of all whose brands a crowd may not have")
    add("--artwork", type=Path, help="folder of artwork to compose with; DATA/emblems if left out")
    add("--crowd", type=Path, help="folder of the crowd's artwork; left out, the larger gallery is not measured")
    add("--crowd-brands", type=int, default=960, help="brands beside those that listings are about")
    add("--brands", type=int, default=40, help="brands that listings are about")
    add("--scenes", type=int, default=480, help="scenes about a brand, half of them of altered marks")
    add("--unrelated", type=int, default=120, help="scenes of other brands or of none")
    add("--alpha", type=float, default=0.01)
    add("--bundle", type=Path, help="the carried one if left out")
    add("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
