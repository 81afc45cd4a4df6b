"""Our run: the finished model of a training run's folder, or its average so far, as a source."""

from pathlib import Path

import open_clip

from training import data, model
from training.config import TrainConfig
from training.export.lexicon import OwnWords, of_architecture
from training.export.source import Lexicon, Pixels, Source
from training.model.trained import trained
from training.run import Run


def source(path: Path) -> Source:
    """The run's model. Errors: `ConfigurationError` where there is no run, or no checkpoint yet."""
    folder = Run(path)
    settings = folder.config()
    words, why_none = _words(settings)
    return Source(
        name=settings.name,
        architecture=settings.model.open_clip or settings.model.vision,
        network=trained(folder),
        pixels=Pixels(settings.model.input_px, *model.statistics(settings.model), "squash"),
        lexicon=words,
        without_text=why_none,
        origin=f"trained by `touchstone train`, run {settings.name}",
        licence="Apache-2.0" if settings.model.pretrained is None else "as the starting weights' publisher states",
        config_digest=settings.digest(),
        measured={"validation": _last_metrics(folder)},
    )


def _words(settings: TrainConfig) -> tuple[Lexicon | None, str]:
    name = settings.model.open_clip
    if name is None:
        return OwnWords(data.vocabulary(settings.model.context_tokens)), ""
    return of_architecture(name, open_clip.get_model_config(name)["text_cfg"])


def _last_metrics(folder: Run) -> dict[str, float]:
    rows = folder.metrics()
    return rows[-1] if rows else {}
