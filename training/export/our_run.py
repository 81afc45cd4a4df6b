"""Our run: the averaged model of a training run's folder as a source."""

from pathlib import Path

import open_clip
from torch.optim.swa_utils import AveragedModel

from training import checkpoint, data, model
from training.config import TrainConfig
from training.export.lexicon import OwnWords
from training.export.source import Pixels, Source
from training.run import Run
from vision.errors import ConfigurationError


def source(path: Path) -> Source:
    """The run's averaged model. Errors: `ConfigurationError` where there is no run, or no checkpoint yet."""
    folder = Run(path)
    settings = folder.config()
    return Source(
        name=settings.name,
        architecture=settings.model.vision,
        network=_averaged(folder, settings),
        pixels=Pixels(settings.model.input_px, model.MEAN, model.STD, "squash"),
        lexicon=OwnWords(data.vocabulary(settings.model.context_tokens)),
        origin=f"trained by `touchstone train`, run {settings.name}",
        licence="Apache-2.0",
        config_digest=settings.digest(),
        measured={"validation": _last_metrics(folder)},
    )


def _averaged(folder: Run, settings: TrainConfig) -> open_clip.CustomTextCLIP:
    weights = folder.checkpoint / checkpoint.AVERAGE
    if not weights.is_file():
        raise ConfigurationError(f"{folder.path} has no checkpoint yet; wait for one, or train with `touchstone train`")
    network = model.build(settings.model, data.vocabulary(settings.model.context_tokens).size)
    average = AveragedModel(network, use_buffers=True)
    checkpoint.load_weights(average, weights)
    return average.module.eval()


def _last_metrics(folder: Run) -> dict[str, float]:
    rows = folder.metrics()
    return rows[-1] if rows else {}
