"""Training: from a pair set and a configuration to a run folder with the best network so far and its ONNX file.

`python -m training.comparator.train configs/train/comparator.yaml [key.sub=value ...]`
"""

import math
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training import checkpoint
from training.comparator import start
from training.comparator.augmentation import NO_FAULT, Pairs, augmented
from training.comparator.batches import batches, held_out
from training.comparator.config import ComparatorConfig, ObjectiveConfig, ScheduleConfig
from training.comparator.export import FILE, export
from training.comparator.judge import Judged, covered, judge, report
from training.comparator.network import MAP_PX, Comparator
from training.config import expand, load_as
from training.fault import RARITY
from training.loop.decay import decaying
from training.loop.rate import learning_rate
from training.loop.table import Table
from training.pair_set import PairSet, has_grown
from training.precision import computing_in
from vision.measures.comparator import PAIR_PX

BEST = "best.safetensors"
METRICS = "metrics.csv"


def objective(network: nn.Module, pairs: Pairs, settings: ObjectiveConfig) -> Tensor:
    """What training lowers: the pair's verdict, where the map says the design was altered, and what is wrong there."""
    sides = (s.contiguous(memory_format=torch.channels_last) for s in (pairs.photo, pairs.reference, pairs.ink))
    logit, drawn, faults = network(*sides)
    asked = pairs.forged * (1 - 2 * settings.smoothing) + settings.smoothing
    each = functional.binary_cross_entropy_with_logits(logit.float(), asked, reduction="none")
    verdict = (each * pairs.weight).sum() / pairs.weight.sum()
    named = functional.cross_entropy(
        faults.float(), pairs.fault, torch.tensor(RARITY), ignore_index=NO_FAULT, label_smoothing=0.05
    )
    return verdict + settings.map_weight * _map_loss(drawn.float(), pairs, settings) + settings.fault_weight * named


def _map_loss(drawn: Tensor, pairs: Pairs, settings: ObjectiveConfig) -> Tensor:
    step = PAIR_PX // MAP_PX
    share = functional.avg_pool2d(pairs.altered, step)[:, 0]
    asked = (2.5 * share).clamp(0, 1)
    on_mark = functional.max_pool2d(torch.maximum(pairs.outline, pairs.altered), step)[:, 0]
    weight = (0.3 + 0.7 * on_mark) * (1 + (settings.altered_weight - 1) * asked) * pairs.weight[:, None, None]
    each = functional.binary_cross_entropy_with_logits(drawn, asked, reduction="none")
    return (each * weight).sum() / weight.sum()


@dataclass(frozen=True, eq=False)
class Trainer:
    """A network, its average over time and its optimiser."""

    settings: ComparatorConfig
    network: Comparator
    average: AveragedModel
    optimiser: AdamW

    @classmethod
    def of(cls, settings: ComparatorConfig, pairs: PairSet) -> "Trainer":
        """Fresh weights from the configuration's seed, or those that it starts from."""
        torch.manual_seed(settings.seed)
        network = Comparator(settings.network).to(memory_format=torch.channels_last)
        if settings.start is not None:
            start.load(network, expand(settings.start), batches(pairs, settings))
        averaging = get_ema_multi_avg_fn(settings.schedule.ema_decay)  # type: ignore[no-untyped-call]
        average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
        return cls(settings, network, average, AdamW(decaying(network, settings.schedule.weight_decay)))

    def step(self, pairs: Pairs, rate: float) -> float:
        """One descent at a learning rate -> the loss before it."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with computing_in(self.settings.schedule.precision, torch.device("cpu")):
            loss = objective(self.network, pairs, self.settings.objective)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        return float(loss.detach())


# --- the run ------------------------------------------------------------------------------------


def train(settings: ComparatorConfig, say: Callable[[str], None] = lambda line: None) -> Path:
    """Train to the last step or minute -> the run folder: `best.safetensors`, `comparator.onnx`, `metrics.csv`.

    The pair set is read anew at each judgement where it has grown: training may begin while it is being written.
    """
    torch.set_num_threads(settings.schedule.threads)
    folder = Path(settings.runs) / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    cache = expand(settings.pairs.cache)
    pairs = PairSet.load(cache)
    trainer, clock, best, done = Trainer.of(settings, pairs), _Clock.of(settings.schedule), -1.0, 0
    generator = torch.Generator().manual_seed(settings.seed)
    while done < settings.schedule.steps and clock.spent < 1:
        last = min(done + settings.schedule.judge_every_steps, settings.schedule.steps)
        losses = _descend(trainer, pairs, range(done, last), clock, generator)
        done += len(losses)
        network: Comparator = trainer.average.module  # type: ignore[assignment]
        judging = _judging(pairs, settings)
        figures = judge(network, judging, settings, 2).figures()
        figures["auroc_covered"] = judge(network, covered(judging), settings, 2).auroc()
        _note(folder, {"step": done, "brands": len(pairs), "loss": float(np.mean(losses)), **figures}, say)
        if (mean := (figures["auroc"] + figures["auroc_covered"]) / 2) > best:
            best = mean
            _keep(network, folder)
        if has_grown(cache, len(pairs)):
            del pairs  # a large set fits into memory once, not twice
            pairs = PairSet.load(cache)
    return folder


@dataclass(frozen=True)
class _Clock:
    """The time a run may take."""

    start_s: float
    most_s: float

    @classmethod
    def of(cls, schedule: ScheduleConfig) -> "_Clock":
        return cls(time.monotonic(), math.inf if schedule.minutes is None else 60 * schedule.minutes)

    @property
    def spent(self) -> float:
        """Share of it that is over."""
        return (time.monotonic() - self.start_s) / self.most_s


def _descend(trainer: Trainer, pairs: PairSet, steps: range, clock: _Clock, generator: torch.Generator) -> list[float]:
    """Losses of some steps; fewer where the time is spent."""
    settings, losses = trainer.settings, []
    plain = batches(pairs, settings, steps.start)
    prepared = _ahead(augmented(batch, settings.augment, generator) for _, batch in zip(steps, plain, strict=False))
    for step, batch in zip(steps, prepared, strict=False):
        losses.append(trainer.step(batch, learning_rate(settings.schedule, step, clock.spent)))
        if clock.spent >= 1:
            break
    return losses


def _ahead(batches: Iterator[Pairs]) -> Iterator[Pairs]:
    """The same batches, the next one prepared by a second thread while one is learned from."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def _judging(pairs: PairSet, settings: ComparatorConfig) -> PairSet:
    """The first of the held-out brands."""
    judging = held_out(pairs, settings.pairs.held_out_every)
    return pairs.where(judging & (np.cumsum(judging) <= settings.schedule.judged_brands))


def _keep(network: Comparator, folder: Path) -> None:
    """Write the network beside the old one, then put both files in place."""
    checkpoint.save_weights(network, folder / BEST)
    fresh = folder / f"new-{FILE}"
    export(network, fresh)
    shutil.move(fresh, folder / FILE)


def _note(folder: Path, row: dict[str, float], say: Callable[[str], None]) -> None:
    Table(folder / METRICS).add(row)
    say("  ".join(f"{name} {value:.4g}" for name, value in row.items()))


def judged(settings: ComparatorConfig, weights: Path) -> Judged:
    """All held-out brands against all their references, by the weights of a run."""
    network = Comparator(settings.network)
    checkpoint.load_weights(network, weights)
    pairs = PairSet.load(expand(settings.pairs.cache))
    return judge(network, pairs.where(held_out(pairs, settings.pairs.held_out_every)), settings)


def main(
    config: Annotated[Path, typer.Argument(help="configs/train/comparator.yaml")],
    overrides: Annotated[list[str] | None, typer.Argument(help="key.sub=value")] = None,
    only_judge: Annotated[bool, typer.Option("--judge", help="Only print the figures of the finished run.")] = False,
) -> None:
    """Train the comparator and print how it does on brands it never saw."""
    settings = load_as(ComparatorConfig, config, overrides or ())
    console = Console()
    folder = Path(settings.runs) / settings.name
    if not only_judge:
        train(settings, lambda line: console.print(line, highlight=False))
    console.print(report(judged(settings, folder / BEST)))


if __name__ == "__main__":
    typer.run(main)
