"""Training: from a configuration to a run folder with an averaged model in its checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import torch

from training import atlas, checkpoint, config
from training.config import TrainConfig
from training.data.photographs import Photographs
from training.data.schooling import schooling
from training.data.split import split
from training.data.stream import Parts, batches
from training.data.validation import validation
from training.loop.descent import Descent
from training.loop.judge import Judge
from training.loop.processes import Processes, joined
from training.loop.trainer import Trainer
from training.objective.blend import Sizes
from training.run import Run


def run(config_path: Path, overrides: Sequence[str] = ()) -> Path:
    """Train as the configuration says, going on where an earlier start stopped -> the run's folder."""
    return train(config.load(config_path, overrides)).path


def train(settings: TrainConfig) -> Run:
    """Train to the last step, together with the processes that `torchrun` started.

    Errors: `ConfigurationError` before anything is computed.
    """
    torch.set_num_threads(settings.schedule.threads)
    torch.manual_seed(settings.seed)
    with joined(settings.schedule.device) as processes:
        return _train(settings, processes)


def _train(settings: TrainConfig, processes: Processes) -> Run:
    own = processes.parts(settings.schedule.parts_per_step)
    with processes.in_turn():
        folder = Run.open(settings)
        marks = atlas.open_or_draw(settings.data)
        parts = split(marks.brands, settings.data.validation_brands)
        school = schooling(settings, marks, parts)
    photographs = Photographs(marks, parts.training, settings)
    kept = Photographs(marks, parts.validation, settings)
    judge = Judge(validation(kept, len(parts.validation), settings.model.input_px))
    sizes = Sizes(settings.model.dim, len(parts.training), school.lessons.dims if school else ())
    trainer = Trainer.of(settings, sizes, processes)
    with processes.in_turn():
        first_step = checkpoint.restore(folder.checkpoint, trainer.progress)
    if processes.is_first:
        folder.rewind(first_step)
    steps = range(first_step, settings.schedule.steps)
    made = batches(Parts(photographs, school), steps, own, settings.data.workers)
    Descent(trainer, folder, judge).go_on(made, first_step)
    return folder
