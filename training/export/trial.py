"""Trial: what PyTorch says of the probe, and how a tower's file compares."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from training.export import agreement, probe, served, tower
from training.export.agreement import Agreement, Embedded
from training.export.probe import Probe, ProbePlan
from training.export.served import Tower
from training.export.source import Source
from vision.embedder import Pixels, preprocess

_COMPARED = 64  # photographs by which the library's own preprocessing is held against ours


@dataclass(frozen=True, eq=False)
class Trial:
    """A probe with PyTorch's answers."""

    probe: Probe
    plan: ProbePlan
    pixels: Pixels
    tokens: NDArray[np.int64] | None  # [C, T]
    expected: Embedded
    threshold: float  # cosine from which PyTorch's nearest brand is recognised

    @classmethod
    def of(cls, source: Source, plan: ProbePlan) -> "Trial":
        """Photograph the probe and ask PyTorch."""
        drawn = probe.draw(plan)
        tokens = source.lexicon.encode(list(drawn.captions)).numpy() if source.lexicon else None
        text = _asked(tower.tower(source.network, "text")) if tokens is not None else None
        expected = served.embedded(drawn, source.pixels, _asked(tower.tower(source.network, "image")), tokens, text)
        at = agreement.threshold(expected, drawn.reference_brands, drawn.query_brands)
        return cls(drawn, plan, source.pixels, tokens, expected, at)

    def of_files(self, image: Path, text: Path | None) -> Agreement:
        """Agreement of the towers in these files with PyTorch."""
        threads = torch.get_num_threads()
        captions = served.opened(text, threads) if text else None
        found = served.embedded(self.probe, self.pixels, served.opened(image, threads), self.tokens, captions)
        return agreement.agreement(self.expected, found, self.probe.reference_brands, self.threshold)

    def photographs_per_second(self, images: Sequence[Path]) -> list[float]:
        """Of each image tower on one thread."""
        return served.photographs_per_second(images, self.probe, self.pixels)

    def calibration_inputs(self) -> NDArray[np.float32]:
        """What an image tower's ranges are learned from: none of the probe's photographs."""
        return preprocess(probe.calibration_photographs(self.plan.calibration), self.pixels)

    def example_image(self) -> Tensor:
        """Two inputs to trace an image tower with."""
        return torch.from_numpy(preprocess(self.probe.photographs[:2], self.pixels))

    def example_tokens(self) -> Tensor:
        """Two inputs to trace a text tower with; of a source that has one."""
        assert self.tokens is not None
        return torch.from_numpy(self.tokens[:2])

    def recall(self) -> float:
        """Of PyTorch's nearest references: what the probe can tell at all."""
        return agreement.recall(self.expected, self.probe.reference_brands, self.probe.query_brands)


def preprocessing(source: Source, trial: Trial) -> dict[str, float]:
    """Agreement of vectors by the library's own preprocessing with those by ours; nothing where it has none."""
    if source.own_transform is None:
        return {}
    seen = trial.probe.queries[:_COMPARED]
    theirs = torch.stack([source.own_transform(Image.fromarray(photo)) for photo in seen]).numpy()
    vectors = np.concatenate([_asked(tower.tower(source.network, "image"))(part) for part in _parts(theirs)])
    cosine = (vectors * trial.expected.queries[: len(seen)]).sum(1)
    return {"image_cosine_min": round(float(cosine.min()), 6), "image_cosine_mean": round(float(cosine.mean()), 6)}


def _asked(module: nn.Module) -> Tower:
    def ask(inputs: NDArray[Any]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(inputs)).numpy(), np.float32)

    return ask


def _parts(inputs: NDArray[Any]) -> list[NDArray[Any]]:
    return [inputs[start : start + served.BATCH] for start in range(0, len(inputs), served.BATCH)]
