"""Training: from scenes and a configuration to a run folder with the newest and the best detector.

`python -m training.detector.train configs/train/detector.yaml [key.sub=value ...]`; a run that was interrupted goes on.
"""

import dataclasses
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from rich.console import Console
from torch import nn
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training import checkpoint
from training.config import expand, load_as
from training.detector.batches import Batch, batches, held_out
from training.detector.config import DetectorConfig, ScheduleConfig
from training.detector.export import FILE, export
from training.detector.judge import Judged, judge, judging
from training.detector.loss import detection_loss
from training.detector.network import DetectorNetwork
from training.detector.scene_set import SceneSet
from training.detector.targets import Grid
from training.loop.decay import decaying
from training.loop.rate import learning_rate
from training.loop.table import Table
from training.precision import computing_in

BEST = "best.safetensors"
METRICS = "metrics.csv"
CHECKPOINT = "checkpoint"


@dataclasses.dataclass(frozen=True, eq=False)
class Trainer:
    """A network, its average over time and its optimiser."""

    settings: DetectorConfig
    network: DetectorNetwork
    average: AveragedModel
    optimiser: AdamW
    grid: Grid

    @classmethod
    def of(cls, settings: DetectorConfig) -> "Trainer":
        """Fresh weights from the configuration's seed."""
        torch.manual_seed(settings.seed)
        network = DetectorNetwork(settings.network).to(memory_format=torch.channels_last)
        averaging = get_ema_multi_avg_fn(settings.schedule.ema_decay)  # type: ignore[no-untyped-call]
        average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
        optimiser = AdamW(decaying(network, settings.schedule.weight_decay))
        return cls(settings, network, average, optimiser, Grid.of(settings.scenes.crop_px, settings.scenes.crop_px))

    @property
    def progress(self) -> checkpoint.Progress:
        """What a checkpoint keeps."""
        return checkpoint.Progress(self.network, self.average, nn.Identity(), self.optimiser)

    def step(self, batch: Batch, rate: float) -> float:
        """One descent at a learning rate -> the loss before it."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        pixels = (batch.pixels.float() / 255).contiguous(memory_format=torch.channels_last)
        with computing_in(self.settings.schedule.precision, torch.device("cpu")):
            boxes, logits = self.network(pixels)
        loss = detection_loss(boxes.float(), logits.float(), batch, self.grid, self.settings.objective)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        return float(loss.detach())


# --- the run ------------------------------------------------------------------------------------


def train(settings: DetectorConfig, say: Callable[[str], None] = lambda line: None) -> Path:
    """Train to the last step or minute -> the run folder: `best.safetensors`, `detector.onnx`, `metrics.csv`."""
    cv2.setNumThreads(1)
    torch.set_num_threads(settings.schedule.threads)
    folder = Path(settings.runs) / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer.of(settings)
    done = checkpoint.restore(folder / CHECKPOINT, trainer.progress)
    scenes = SceneSet.load(expand(settings.scenes.cache))
    learning = scenes.where(~held_out(scenes, settings.scenes.held_out_every))
    clock = _Clock(settings.schedule, _minutes_so_far(folder))
    while done < settings.schedule.steps and clock.spent < 1:
        last = min(done + settings.schedule.judge_every_steps, settings.schedule.steps)
        losses = _descend(trainer, learning, range(done, last), clock)
        done += len(losses)
        judged = _keep(trainer, judging(scenes, settings), folder)
        checkpoint.save(folder / CHECKPOINT, trainer.progress, done)
        _note(folder, {"step": done, "minutes": clock.minutes, "loss": float(np.mean(losses)), **vars(judged)}, say)
    return folder


@dataclasses.dataclass(frozen=True)
class _Clock:
    """The CPU time that a run may take, over all the times it went on."""

    schedule: ScheduleConfig
    before_minutes: float
    start_s: float = dataclasses.field(default_factory=time.process_time)

    @property
    def minutes(self) -> float:
        """Spent so far."""
        return self.before_minutes + (time.process_time() - self.start_s) / 60

    @property
    def spent(self) -> float:
        """Share of what may be spent; 0 where that is not bounded."""
        return 0.0 if self.schedule.minutes is None else self.minutes / self.schedule.minutes


def _descend(trainer: Trainer, scenes: SceneSet, steps: range, clock: _Clock) -> list[float]:
    """Losses of some steps; fewer where the time is spent."""
    losses: list[float] = []
    for step, batch in zip(steps, batches(scenes, trainer.settings, steps.start), strict=False):
        losses.append(trainer.step(batch, learning_rate(trainer.settings.schedule, step, clock.spent)))
        if clock.spent >= 1:
            break
    return losses


def _keep(trainer: Trainer, scenes: SceneSet, folder: Path) -> Judged:
    """Export and judge the average; it becomes the run's detector where it is the best so far."""
    network: DetectorNetwork = trainer.average.module  # type: ignore[assignment]
    fresh = folder / f"new-{FILE}"
    export(network, fresh)
    judged = judge(fresh, scenes, trainer.settings)
    if judged.precision >= max((row["precision"] for row in Table(folder / METRICS).rows()), default=-1.0):
        checkpoint.save_weights(network, folder / BEST)
        shutil.move(fresh, folder / FILE)
    return judged


def _minutes_so_far(folder: Path) -> float:
    return max((row["minutes"] for row in Table(folder / METRICS).rows()), default=0.0)


def _note(folder: Path, row: dict[str, float], say: Callable[[str], None]) -> None:
    Table(folder / METRICS).add(row)
    say("  ".join(f"{name} {value:.4g}" for name, value in row.items()))


def main(
    config: Annotated[Path, typer.Argument(help="configs/train/detector.yaml")],
    overrides: Annotated[list[str] | None, typer.Argument(help="key.sub=value")] = None,
) -> None:
    """Train the detector of marks; go on where it was interrupted."""
    settings = load_as(DetectorConfig, config, overrides or ())
    console = Console()
    folder = train(settings, lambda line: console.print(line, highlight=False))
    console.print(f"the best detector so far: {folder / FILE}")


if __name__ == "__main__":
    typer.run(main)
