"""Schooling: the fixed views that teachers have seen, and the lesson of each step's part."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor

from training.atlas import Atlas
from training.config import Stage, TrainConfig
from training.config.objectives import DistilConfig
from training.data.batch import Lesson
from training.data.photographs import Photographs
from training.data.split import Split
from training.teacher import lessons
from training.teacher.network import Teacher, open_teacher

VERSION = "1"  # raise when views are photographed differently


@dataclass(frozen=True, eq=False)
class Schooling:
    """Draws the lesson of a step's part; it depends on seed, step and part alone."""

    lessons: lessons.Lessons
    seed: int
    views_per_batch: int

    def lesson(self, place: tuple[int, int], side_px: int) -> Lesson:
        """Views at the side that the part's photographs have, and what the teachers saw in them at full size."""
        rng = np.random.default_rng([self.seed, *place, 2])
        rows = np.sort(rng.choice(len(self.lessons.views), self.views_per_batch, replace=False))
        images = torch.from_numpy(self.lessons.views[rows]).permute(0, 3, 1, 2)
        features = self.lessons.unit_features(rows)
        return Lesson(resized(images, side_px), tuple(torch.from_numpy(seen) for seen in features))


def resized(images: Tensor, side_px: int) -> Tensor:
    """Square `uint8 [V, 3, S, S]` brought to another side, as a served photograph would be."""
    if images.shape[-1] == side_px:
        return images.contiguous()
    sized = nnf.interpolate(images.float(), side_px, mode="bilinear", antialias=True)
    return sized.round_().clamp_(0, 255).to(torch.uint8)


def open_teachers(settings: TrainConfig) -> tuple[Teacher, ...]:
    """The teachers of a configuration, if it has any. Errors: `ConfigurationError` for one that is absent."""
    distil = settings.objectives.distil
    taught = distil.teachers if distil is not None and distil.weight else ()
    return tuple(open_teacher(teacher, settings.schedule.threads) for teacher in taught)


def schooling(settings: TrainConfig, atlas: Atlas, parts: Split, teachers: Sequence[Teacher]) -> Schooling | None:
    """Lessons of these teachers, from the cache beside the atlas or made now; None without a teacher."""
    distil = settings.objectives.distil
    if distil is None or not teachers:
        return None
    folder = atlas.path / f"lessons-{_digest(settings, distil)}"
    views = lessons.views(folder / "views.npy", distil.views, _Camera(settings, distil, atlas, parts))
    seen = [lessons.features(folder / f"{teacher.fingerprint}.npy", views, teacher) for teacher in teachers]
    return Schooling(lessons.Lessons.of(views, seen), settings.seed, distil.views_per_batch)


class _Camera:
    """Photographs a block of views: one view each of brands chosen evenly, all genuine."""

    def __init__(self, settings: TrainConfig, distil: DistilConfig, atlas: Atlas, parts: Split) -> None:
        model = settings.model.model_copy(update={"input_px": distil.views_px})
        self._photographs = Photographs(atlas, parts.training, settings.model_copy(update={"model": model}))
        self._seed, self._brands, self._side_px = settings.seed, len(parts.training), distil.views_px

    def __call__(self, rows: slice) -> NDArray[np.uint8]:
        """Views of these rows `[rows, S, S, 3]`."""
        rng = np.random.default_rng([self._seed, rows.start, 0, 3])
        chosen = rng.integers(self._brands, size=lessons.BLOCK)
        whole = Stage(input_px=self._side_px, until_share=1)
        images = self._photographs.photograph(chosen, 1, 0, whole, rng).images[: rows.stop - rows.start]
        return np.asarray(images.permute(0, 2, 3, 1).numpy(), np.uint8)


def _digest(settings: TrainConfig, distil: DistilConfig) -> str:
    """Of all that shapes the views beside the atlas."""
    shaped = [VERSION, settings.seed, settings.data.validation_brands, distil.views, distil.views_px]
    text = json.dumps([*shaped, settings.augment.model_dump()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
