"""Agreement: how far vectors of one precision say what PyTorch's say; pure numbers.

R references, Q queries, C captions, D dimension; all vectors are of unit length.
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from vision.bundle import Precision

TIE = 1e-4  # cosines closer than this are no order: either choice agrees
_THRESHOLDS = 400  # tried

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Embedded:
    """The probe as one set of towers sees it."""

    references: Vectors  # [R, D]
    queries: Vectors  # [Q, D]
    captions: Vectors | None  # [C, D]


@dataclass(frozen=True)
class Agreement:
    """Of one precision with PyTorch, on the probe. Shares are 0..1."""

    image_cosine_min: float
    image_cosine_mean: float
    top1: float  # queries whose nearest reference is PyTorch's
    top5: float  # of the five nearest references, those among PyTorch's
    decisions: float  # queries that go to the same brand, or to none, at PyTorch's threshold
    text_cosine_min: float = 1.0
    text_cosine_mean: float = 1.0
    choices: float = 1.0  # queries given the same caption of all

    def numbers(self) -> dict[str, float]:
        """For the spec."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Gate:
    """The least agreement with which a precision may be served."""

    cosine: float  # worst, of images and of captions
    ranks: float  # nearest one and five; captions chosen
    decisions: float

    def faults(self, found: Agreement) -> list[str]:
        """What falls short, in words; nothing where all holds."""
        bars = {
            "image_cosine_min": self.cosine,
            "text_cosine_min": self.cosine,
            "top1": self.ranks,
            "top5": self.ranks,
            "choices": self.ranks,
            "decisions": self.decisions,
        }
        values = asdict(found)
        # "not at least" is true of not-a-number too
        return [f"{name} {values[name]:.5f} < {bar}" for name, bar in bars.items() if not values[name] >= bar]


DECISIONS = 0.999
GATES: dict[Precision, Gate] = {
    "fp32": Gate(0.9999, 0.999, DECISIONS),
    "fp16": Gate(0.999, 0.99, DECISIONS),
    "int8": Gate(0.9, 0.9, DECISIONS),
}


def agreement(expected: Embedded, found: Embedded, reference_brands: NDArray[np.int64], at: float) -> Agreement:
    """Compare with what PyTorch gave, at PyTorch's threshold `at` of recognition."""
    like, alike = _cosines(expected), _cosines(found)  # [Q, R]
    image = np.concatenate([_rowwise(expected.references, found.references), _rowwise(expected.queries, found.queries)])
    ranks = _kept(like, alike, 1), _kept(like, alike, min(5, like.shape[1]))
    decided = float(_same_decision(like, alike, reference_brands, at).mean())
    if expected.captions is None or found.captions is None:
        return Agreement(float(image.min()), float(image.mean()), *ranks, decided)
    text = _rowwise(expected.captions, found.captions)
    chosen = _kept(expected.queries @ expected.captions.T, found.queries @ found.captions.T, 1)
    return Agreement(
        float(image.min()), float(image.mean()), *ranks, decided, float(text.min()), float(text.mean()), chosen
    )


def threshold(expected: Embedded, reference_brands: NDArray[np.int64], query_brands: NDArray[np.int64]) -> float:
    """The cosine above which most queries are rightly recognised and most strangers are not."""
    like = _cosines(expected)
    best, right = like.max(1), reference_brands[like.argmax(1)] == query_brands
    known = query_brands >= 0
    tried = np.linspace(best.min(), best.max(), _THRESHOLDS)
    above = best[None] > tried[:, None]  # [thresholds, Q]
    balanced = (above & right & known).sum(1) / max(1, known.sum()) + (~above & ~known).sum(1) / max(1, (~known).sum())
    return float(tried[int(balanced.argmax())])


def recall(embedded: Embedded, reference_brands: NDArray[np.int64], query_brands: NDArray[np.int64]) -> float:
    """Share of enrolled brands' queries whose nearest reference is of their brand."""
    known = query_brands >= 0
    return float((reference_brands[_cosines(embedded).argmax(1)] == query_brands)[known].mean())


def nearness(embedded: Embedded) -> NDArray[np.float32]:
    """Cosine of each query [Q] to its nearest reference."""
    return np.asarray(_cosines(embedded).max(1), np.float32)


def _cosines(embedded: Embedded) -> NDArray[np.float32]:
    return np.asarray(embedded.queries @ embedded.references.T, np.float32)


def _rowwise(expected: Vectors, found: Vectors) -> NDArray[np.float32]:
    return np.asarray((expected * found).sum(1), np.float32)


def _kept(like: NDArray[np.float32], alike: NDArray[np.float32], count: int) -> float:
    """Of the `count` nearest columns by `alike`, the share that is among the nearest by `like`, ties forgiven."""
    picked = np.argsort(-alike, axis=1, kind="stable")[:, :count]
    last = np.sort(like, axis=1)[:, -count]
    return float((np.take_along_axis(like, picked, 1) >= last[:, None] - TIE).mean())


def _same_decision(
    like: NDArray[np.float32], alike: NDArray[np.float32], reference_brands: NDArray[np.int64], at: float
) -> NDArray[np.bool_]:
    """Which queries [Q] go the same way, ties forgiven in the brand and at the threshold."""
    best, chosen = like.max(1), reference_brands[alike.argmax(1)]
    of_chosen = np.where(reference_brands[None] == chosen[:, None], like, -2).max(1)
    found, expected = alike.max(1) > at, best > at
    same_side = (found == expected) | (np.abs(best - at) <= TIE)
    nobody = ~found & ~expected
    return np.asarray(same_side & (nobody | (of_chosen >= best - TIE)))
