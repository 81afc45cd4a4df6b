"""The report: what a person reads of a run when it has ended."""

import json
from collections.abc import Iterator

from training.config import TrainConfig
from training.loop.patience import best_row
from training.run import Run

METRICS = ("recall_at_1", "recall_at_5", "forged_recall_at_5", "separation")
_SAID = {
    "recall_at_1": "genuine photographs whose nearest brand is theirs",
    "recall_at_5": "genuine photographs with their brand among the nearest five",
    "forged_recall_at_5": "forged photographs with the imitated brand among the nearest five",
    "separation": "chance that a genuine photograph lies nearer to its references than a forged one",
}


def write(run: Run) -> None:
    """Write `report.md` into a run's folder."""
    (run.path / "report.md").write_text("\n".join(_lines(run)) + "\n", "utf-8")


def _lines(run: Run) -> Iterator[str]:
    settings = run.config()
    yield f"# {settings.name}"
    yield ""
    yield from _facts(run, settings)
    yield ""
    yield "## Retrieval on brands that were not learned from"
    yield ""
    yield from _table(run)
    yield ""
    yield from _verdict(run)
    yield ""
    yield "![losses and measurements against steps](curves.png)"
    yield ""
    yield f"`touchstone export {run.path} DIR` makes a bundle of it. Asked: `config.yaml`; every loss: `losses.csv`."


def _facts(run: Run, settings: TrainConfig) -> Iterator[str]:
    machine = json.loads((run.path / "environment.json").read_text("utf-8"))
    rows, model = run.metrics(), settings.model
    yield f"- model: {model.open_clip or model.vision} at {model.input_px} px, from {_start(settings)}"
    yield f"- trained: {model.tuning.mode}; objectives: {', '.join(settings.objectives.used())}"
    yield f"- steps: {int(rows[-1]['step'])} of {settings.schedule.steps}; seed {settings.seed}"
    yield f"- configuration {settings.digest()}, commit {machine['commit']}"
    yield f"- torch {machine['torch']}, {machine['cores']} cores, accelerator {machine['accelerator']}"


def _start(settings: TrainConfig) -> str:
    return settings.model.pretrained or settings.model.start or "fresh weights"


def _table(run: Run) -> Iterator[str]:
    rows, stop, ends = run.metrics(), run.config().schedule.stop, run.ends()
    columns = {"start": ends.get("start"), "last validation": rows[-1]}
    if stop is not None:
        best = rows[best_row(rows, stop)]
        columns[f"best {stop.metric}, step {int(best['step'])}"] = best
    columns["final"] = ends.get("final")
    shown = {name: values for name, values in columns.items() if values is not None}
    yield f"| | {' | '.join(shown)} | |"
    yield "|---" * (len(shown) + 2) + "|"
    for metric in METRICS:
        yield f"| {metric} | {' | '.join(f'{values[metric]:.3f}' for values in shown.values())} | {_SAID[metric]} |"


def _verdict(run: Run) -> Iterator[str]:
    ends = run.ends()
    if "start" not in ends:
        return
    gain = ends["final"]["recall_at_1"] - ends["start"]["recall_at_1"]
    word = "improves on" if gain > 0 else "does no better than" if gain == 0 else "does worse than"
    yield f"Held-out brands: the final model {word} its start by recall at 1 ({gain:+.3f})."
