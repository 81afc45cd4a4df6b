"""Training: from a configuration to a run folder with an averaged model in its checkpoint."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training import atlas, checkpoint, config, data, loss, model
from training.config import ScheduleConfig, TrainConfig
from training.retrieval import own_nearness, retrieval, separation
from training.run import Run

_ENCODE_BATCH = 128


def run(config_path: Path, overrides: Sequence[str] = ()) -> Path:
    """Train as the configuration says, going on where an earlier start stopped -> the run's folder."""
    return train(config.load(config_path, overrides)).path


def train(settings: TrainConfig) -> Run:
    """Train to the last step. Errors: `ConfigurationError` before anything is computed."""
    torch.set_num_threads(settings.schedule.threads)
    torch.manual_seed(settings.seed)
    folder = Run.open(settings)
    marks = atlas.open_or_draw(settings.data)
    parts = data.split(marks.brands, settings.data.validation_brands)
    photographs = data.Photographs(marks, parts.training, settings)
    judge = _Judge(data.validation(data.Photographs(marks, parts.validation, settings), len(parts.validation),
                                   settings.model.input_px))  # fmt: skip
    trainer = Trainer.of(settings)
    first_step = checkpoint.restore(folder.checkpoint, trainer.progress)
    folder.rewind(first_step)
    _descend(trainer, data.batches(photographs, first_step, settings.data.workers), first_step, folder, judge)
    return folder


@dataclass(frozen=True, eq=False)
class Trainer:
    """A model, its average over time and its optimiser."""

    settings: TrainConfig
    model: open_clip.CustomTextCLIP
    average: AveragedModel
    optimiser: AdamW

    @classmethod
    def of(cls, settings: TrainConfig) -> "Trainer":
        """Fresh weights from the configuration's seed."""
        network = model.build(settings.model, data.vocabulary(settings.model.context_tokens).size)
        network = network.to(memory_format=torch.channels_last)
        averaging = get_ema_multi_avg_fn(settings.schedule.ema_decay)  # type: ignore[no-untyped-call]
        average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
        return cls(settings, network, average, AdamW(_groups(network, settings.schedule.weight_decay)))

    @property
    def progress(self) -> checkpoint.Progress:
        """What a checkpoint keeps."""
        return checkpoint.Progress(self.model, self.average, self.optimiser)

    def step(self, batch: data.Batch, step: int) -> loss.Losses:
        """One descent."""
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.settings.schedule, step)
        losses = self._losses(batch)
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update_parameters(self.model)
        return losses

    def _losses(self, batch: data.Batch) -> loss.Losses:
        pixels = model.normalised(batch.images).contiguous(memory_format=torch.channels_last)
        with _precision(self.settings.schedule):
            images = self.model.encode_image(pixels, normalize=True)
            captions = self.model.encode_text(batch.tokens, normalize=True)
        scale = self.model.logit_scale.exp().clamp(max=100)
        return loss.objective(
            images.float(), captions.float(), batch.tokens, batch.brand, batch.forged, scale, self.settings.loss
        )


def learning_rate(schedule: ScheduleConfig, step: int) -> float:
    """Linear warm-up, then half a cosine to zero."""
    if step < schedule.warmup_steps:
        return schedule.learning_rate * (step + 1) / schedule.warmup_steps
    done = (step - schedule.warmup_steps) / max(1, schedule.steps - schedule.warmup_steps)
    return schedule.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def _groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Matrices decay; gains, biases and the temperature do not."""
    matrices = [parameter for parameter in network.parameters() if parameter.ndim >= 2]
    others = [parameter for parameter in network.parameters() if parameter.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


@contextmanager
def _precision(schedule: ScheduleConfig) -> Iterator[None]:
    with torch.autocast("cpu", torch.bfloat16, enabled=schedule.precision == "bf16"):
        yield


# --- the loop -----------------------------------------------------------------------------------


def _descend(trainer: Trainer, batches: Iterator[data.Batch], first_step: int, folder: Run, judge: "_Judge") -> None:
    schedule = trainer.settings.schedule
    recent: list[list[float]] = []
    with _bar(trainer.settings.name, schedule.steps, first_step) as advance:
        for step, batch in enumerate(batches, start=first_step):
            losses = trainer.step(batch, step)
            recent.append(losses.values())
            advance(recent[-1][0])
            done = step + 1
            if done % schedule.validate_every_steps == 0 or done == schedule.steps:
                _note(folder, done, recent, judge.measure(trainer))
                recent.clear()
            if done % schedule.checkpoint_every_steps == 0 or done == schedule.steps:
                checkpoint.save(folder.checkpoint, trainer.progress, done)


def _note(folder: Run, step: int, recent: list[list[float]], measured: dict[str, float]) -> None:
    names = ("loss", "brand_loss", "margin_loss", "caption_loss")
    means = np.mean(recent, axis=0).tolist()
    folder.note({"step": step, **dict(zip(names, means, strict=True)), **measured})
    folder.draw_curves()


@contextmanager
def _bar(name: str, steps: int, first_step: int) -> Iterator[Callable[[float], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("loss {task.fields[loss]:.3f}"))  # fmt: skip
    with Progress(*columns) as bar:
        task = bar.add_task(name, total=steps, completed=first_step, loss=float("nan"))
        yield lambda value: bar.update(task, advance=1, loss=value)


# --- judging ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Judge:
    """Measures retrieval on brands that were never learned from."""

    task: data.Validation

    def measure(self, trainer: Trainer) -> dict[str, float]:
        """Recall of genuine and forged queries, and how well forgeries lie apart."""
        vectors = _encode(trainer, self.task.batch.images)
        brand, forged = self.task.batch.brand.numpy(), self.task.batch.forged.numpy()
        is_reference = self.task.is_reference
        references = vectors[is_reference], brand[is_reference]
        genuine, fake = ~is_reference & ~forged, ~is_reference & forged
        found = retrieval(vectors[genuine], brand[genuine], *references)
        imitated = retrieval(vectors[fake], brand[fake], *references) if fake.any() else found
        nearness = [own_nearness(vectors[rows], brand[rows], *references) for rows in (genuine, fake)]
        return {
            "recall_at_1": found.recall_at_1,
            "recall_at_5": found.recall_at_5,
            "forged_recall_at_5": imitated.recall_at_5,
            "separation": separation(*nearness) if fake.any() else 0.5,
        }


@torch.no_grad()
def _encode(trainer: Trainer, images: Tensor) -> NDArray[np.float32]:
    """Unit vectors `float32 [B, D]` by the averaged model."""
    network: open_clip.CustomTextCLIP = trainer.average.module.eval()
    with _precision(trainer.settings.schedule):
        parts = [
            network.encode_image(model.normalised(part).contiguous(memory_format=torch.channels_last), normalize=True)
            for part in torch.split(images, _ENCODE_BATCH)
        ]
    return torch.cat(parts).float().numpy()
