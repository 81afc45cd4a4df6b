"""Training: from a configuration to a run folder with a finished model."""

from collections.abc import Sequence
from pathlib import Path

import torch

from training import checkpoint, config, model
from training.config import TrainConfig
from training.data.source import Source, open_source
from training.data.stream import Parts, batches
from training.loop import report
from training.loop.board import Board
from training.loop.descent import Descent
from training.loop.judge import Judge
from training.loop.processes import Processes, joined
from training.loop.trainer import Trainer, prepared
from training.objective.blend import Sizes
from training.run import Run


def run(config_path: Path, overrides: Sequence[str] = ()) -> Path:
    """Train as the configuration says, going on where an earlier start stopped -> the run's folder."""
    return train(config.load(config_path, overrides)).path


def train(settings: TrainConfig) -> Run:
    """Train to the last step, together with the processes that `torchrun` started.

    Errors: `ConfigurationError` before anything is computed, `ManifestInvalid` for faulty photographs.
    """
    torch.set_num_threads(settings.schedule.threads)
    torch.manual_seed(settings.seed)
    with joined(settings.schedule.device) as processes:
        return _train(settings, processes)


def _train(settings: TrainConfig, processes: Processes) -> Run:
    own = processes.parts(settings.schedule.parts_per_step)
    with processes.in_turn():  # what may be refused comes before what takes long
        network = prepared(settings)
        folder = Run.open(settings)
        source = open_source(settings)
    trainer = Trainer.of(settings, _sizes(settings, source), processes, network)
    descent = Descent(trainer, folder, Judge(source.validation), Board())
    if processes.is_first:
        descent.measure_start()
    with processes.in_turn():
        first_step = checkpoint.restore(folder.checkpoint, trainer.progress)
    if processes.is_first:
        folder.rewind(first_step)
        if settings.tensorboard:
            descent = Descent(trainer, folder, descent.judge, Board.open(folder.path, first_step))
    parts = Parts(source.sampler, source.school)
    steps = range(first_step, settings.schedule.steps)
    descent.go_on(batches(parts, steps, own, settings.data.workers), first_step)
    if processes.is_first:
        descent.end()
        descent.board.close()
        report.write(folder)
    return folder


def _sizes(settings: TrainConfig, source: Source) -> Sizes:
    dims = source.school.lessons.dims if source.school else ()
    return Sizes(model.dim(settings.model), source.sampler.brand_count, dims)
