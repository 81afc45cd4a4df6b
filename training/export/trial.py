"""Trial: what PyTorch says of the probe, and how a tower's file compares."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from training.export import agreement, probe, tower
from training.export.agreement import Agreement, Embedded
from training.export.probe import Probe, ProbePlan
from training.export.source import Source
from vision.embedder import Pixels, preprocess
from vision.runtime import Session, open_session

_BATCH = 8
_RUNS = 5
_COMPARED = 64  # photographs by which the library's own preprocessing is held against ours

Tower = Callable[[NDArray[Any]], NDArray[np.float32]]


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
        expected = embedded(drawn, source.pixels, _asked(tower.tower(source.network, "image")), tokens, text)
        at = agreement.threshold(expected, drawn.reference_brands, drawn.query_brands)
        return cls(drawn, plan, source.pixels, tokens, expected, at)

    def of_files(self, image: Path, text: Path | None) -> Agreement:
        """Agreement of the towers in these files with PyTorch."""
        found = embedded(self.probe, self.pixels, _opened(image), self.tokens, _opened(text) if text else None)
        return agreement.agreement(self.expected, found, self.probe.reference_brands, self.threshold)

    def photographs_per_second(self, images: Sequence[Path]) -> list[float]:
        """Of each image tower on one thread, in batches of eight; the towers take turns, the best of five counts."""
        batch = preprocess(self.probe.photographs[:_BATCH], self.pixels)
        sessions = [open_session(path) for path in images]
        runs = [[_seconds(session, batch) for session in sessions] for _ in range(_RUNS)]
        return [_BATCH / min(seconds) for seconds in zip(*runs, strict=True)]

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


def embedded(
    drawn: Probe, pixels: Pixels, image: Tower, tokens: NDArray[np.int64] | None, text: Tower | None
) -> Embedded:
    """The probe through these towers."""
    photographs = drawn.photographs
    starts = range(0, len(photographs), _BATCH)
    vectors = np.concatenate([image(preprocess(photographs[start : start + _BATCH], pixels)) for start in starts])
    count = len(drawn.references)
    captions = text(tokens) if text is not None and tokens is not None else None
    return Embedded(vectors[:count], vectors[count:], captions)


def _asked(module: nn.Module) -> Tower:
    def ask(inputs: NDArray[Any]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(inputs)).numpy(), np.float32)

    return ask


def _opened(path: Path) -> Tower:
    session = open_session(path, torch.get_num_threads())
    return lambda inputs: np.asarray(session.run({session.inputs[0]: inputs})[0], np.float32)


def _parts(inputs: NDArray[Any]) -> list[NDArray[Any]]:
    return [inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH)]


def _seconds(session: Session, batch: NDArray[np.float32]) -> float:
    """Of this thread's work: other processes' do not count."""
    started = time.thread_time()
    session.run({session.inputs[0]: batch})
    return time.thread_time() - started
